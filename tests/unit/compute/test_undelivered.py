# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a request can be refused after its cast failed."""

from collections.abc import Callable

import pytest

from minova import exception
from minova.compute_api import undelivered
from minova.vocabulary.instance_actions import PAUSE
from tests.unit.conftest import NewServer


def test_a_claim_that_was_given_back_is_refused(
    new_server: NewServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        assert not undelivered.stands(lambda: True, PAUSE, new_server())

    assert "Gave the claim for pause back" in caplog.messages


def test_a_claim_that_a_host_has_started_stands(new_server: NewServer) -> None:
    assert undelivered.stands(lambda: False, PAUSE, new_server())


def test_a_claim_that_cannot_be_given_back_stands(new_server: NewServer) -> None:
    """The claim is still in the database, so a refusal would be wrong."""
    away = _raising(exception.DatabaseUnavailable())

    assert undelivered.stands(away, PAUSE, new_server())


def test_an_uncertain_result_is_reported_as_such(new_server: NewServer) -> None:
    with pytest.raises(exception.CommitInDoubt):
        undelivered.stands(_raising(exception.CommitInDoubt()), PAUSE, new_server())


def _raising(error: Exception) -> Callable[[], bool]:
    def give_back() -> bool:
        raise error

    return give_back

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A password in a body of the wrong form is not shown."""

import logging
from typing import Any

import pytest

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.validation.schema import Schema
from minova.vocabulary import action_bodies
from minova.vocabulary.parameter_types import body as body_of


@pytest.mark.parametrize(
    "value",
    [
        [{"adminPass": "sesame"}],
        {"rescue_image_ref": {"adminPass": "sesame"}},
        {"adminPass": {"a": "sesame"}},
        {"other": 1, "adminPass": "sesame"},
    ],
)
def test_it_is_in_neither_the_answer_nor_the_log(
    value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"rescue": value}
    schema = Schema(body_of("rescue", dict(action_bodies.RESCUE[2, 1])))

    with caplog.at_level(logging.DEBUG):
        log_action("action", print, body)
    with pytest.raises(exception.Invalid) as raised:
        schema.check(body)

    assert "sesame" not in str(raised.value)
    assert "sesame" not in caplog.text

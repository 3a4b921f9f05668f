# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``make soak`` measures the resources of the daemons, and reports growth."""

import dataclasses
from typing import Any

import pytest

from benchmarks import soak
from benchmarks.figures.soak_looks import HEAD, Held, Look, grown

_HELD = Held(memory=100, threads=50, descriptors=80, to_broker=10, to_database=20)
_LOOK = Look("quiet", None, api=_HELD, host=_HELD, waiting=0, database=1, logs=1)


def test_some_actions_and_all_looks(capsys: pytest.CaptureFixture[str]) -> None:
    found = soak.run("sqlite", soak.SMALL)

    assert found.broken == []
    assert not found.refused
    assert [bool(look.rate) for look in found.looks] == [False, *[True] * 9, False]
    for look in found.looks:
        held = (look.api, look.host)
        assert all(min(dataclasses.astuple(daemon)) > 0 for daemon in held)
    assert found.looks[-1].waiting == 0
    table = capsys.readouterr().out
    assert table.startswith(HEAD)
    assert table.count("\n| ") == len(found.looks)


@pytest.mark.parametrize(
    ("grows", "said"),
    [
        ({}, []),
        ({"memory": 110.0, "threads": 54}, []),
        ({"memory": 111.0}, ["n-cpu: 100, then 111 MiB"]),
        (
            {"threads": 55, "to_broker": 90},
            [
                "n-cpu: 50, then 55 threads",
                "n-cpu: 10, then 90 connections to RabbitMQ",
            ],
        ),
    ],
)
def test_growth_is_reported(grows: dict[str, Any], said: list[str]) -> None:
    """Each of the 4 clients may need one more thread."""
    last = dataclasses.replace(_LOOK, host=dataclasses.replace(_HELD, **grows))

    assert list(grown(_LOOK, last, 4)) == said


def test_a_message_left_in_the_queue_is_reported() -> None:
    left = dataclasses.replace(_LOOK, waiting=1)

    assert list(grown(_LOOK, left, 4)) == ["n-cpu: 1 messages in its queue"]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of places in Nova, compared with the log of a Nova 34."""

import dataclasses
import re

import pytest

from minova.trace import logs
from minova.trace.formats import Line
from minova.trace.places import PLACES, Place, in_nova
from tests.unit.trace.reading import RECORDINGS

EVERY = re.compile(rb"^20", re.MULTILINE)
LINES = [
    line
    for log in logs.find([RECORDINGS / "nova-34"])
    for line in logs.records(log, EVERY)
]


def _of(place: Place) -> list[Line]:
    return [line for line in LINES if place.of(line)]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.text)
def test_nova_logs_it_there(place: Place) -> None:
    lines = _of(place)

    assert bool(lines) == place.logged
    for line in lines:
        if line.path:
            file = line.path.rpartition(":")[0].removeprefix("/opt/stack/nova/")
            assert place.of(line) == f"{file} {line.function}"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.text)
def test_each_part_of_the_table_is_needed(place: Place) -> None:
    """Alternatives too, so that an unused one is found."""
    for text in place.text.split("|") if place.logged else ():
        assert _of(dataclasses.replace(place, text=text)), text


def test_no_line_is_in_two_places() -> None:
    for line in LINES:
        assert len([place for place in PLACES if place.of(line)]) < 2, line.message


def test_minovas_lines_have_a_place() -> None:
    """All lines of a request, except one at a create."""
    lines = [
        line
        for log in logs.find([RECORDINGS / "minova"])
        for line in logs.records(log, re.compile(rb"req-"))
        if line.user
    ]
    without = {line.headline for line in lines if not in_nova(line)}

    assert without == {"There is no guest to destroy"}
    claims = [in_nova(line) for line in lines if "Claimed for" in line.message]
    assert claims == ["nova/compute/api.py pause", "nova/compute/api.py unpause"]
    casts = [in_nova(line) for line in lines if line.message.startswith("CAST ")]
    assert casts[1:] == [
        "nova/compute/rpcapi.py pause_instance",
        "nova/compute/rpcapi.py unpause_instance",
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Each format of a log line of n-cpu."""

import datetime

import pytest

from minova.trace.formats import Line, Source, goes_on, parse

REQUEST = "req-1c5b6b0e-7c43-4b5a-8a2f-6a1d8d3a9e77"
SERVER = "5d5a2e8c-3f5b-4b3e-9a5f-0d3c6b7e1f42"
REST = f"INFO nova.compute.manager [{REQUEST} demo demo] [instance: {SERVER}] Pausing"
TIME = datetime.datetime(2026, 11, 22, 20, 27, 32, 151000)
SECOND = TIME.replace(microsecond=0)
SOURCE = Source("", "", datetime.datetime(2026, 11, 23))


def parsed(text: str, source: Source = SOURCE) -> Line:
    line = parse(text.encode(), source)
    assert line is not None, text
    return line


@pytest.mark.parametrize(
    ("before", "time", "service", "host"),
    [
        ("2026-11-22 20:27:32.151 ", TIME, "n-cpu", ""),
        ("2026-11-22 20:27:32.151 404 ", TIME, "n-cpu", ""),
        ("2026-11-22 20:27:32,151 404 ", TIME, "n-cpu", ""),
        ("Nov 22 20:27:32 edge nova-compute[404]: ", SECOND, "n-cpu", "edge"),
        ("Nov 22 20:27:32.151000 edge nova-compute[404]: ", TIME, "n-cpu", "edge"),
        ("2026-11-22T20:27:32+0100 edge nova-compute[4]: ", SECOND, "n-cpu", "edge"),
        ("2026-11-22T20:27:32.151000+01:00 edge n-cpu[4]: ", TIME, "n-cpu", "edge"),
        ("Sun 2026-11-22 20:27:32 UTC edge nova-compute[4]: ", SECOND, "n-cpu", "edge"),
        # rsyslog writes a time before oslo.log's, which is the better one.
        (
            "Nov 22 20:27:32 edge nova-compute: 2026-11-22 20:27:32.151 404 ",
            TIME,
            "n-cpu",
            "edge",
        ),
        ("n-cpu-1  | 2026-11-22 20:27:32.151 ", TIME, "n-cpu", ""),
        ("logs/n-cpu.log:2026-11-22 20:27:32.151 ", TIME, "n-cpu", ""),
        (
            "nova-compute.log.1.2026-11-22_21:00:00 2026-11-22 20:27:32.151 ",
            TIME,
            "n-cpu",
            "",
        ),
    ],
)
def test_prefixes(
    before: str, time: datetime.datetime, service: str, host: str
) -> None:
    line = parsed(before + REST)

    assert (line.time, line.service, line.host) == (time, service, host)
    assert (line.level, line.logger) == ("INFO", "nova.compute.manager")
    assert (line.request_id, line.user, line.instance) == (REQUEST, "demo demo", SERVER)
    assert line.message == "Pausing"


def test_milliseconds_without_zeros() -> None:
    """Some formats of DevStack had ``%(msecs)d``."""
    assert parsed(f"2026-11-22 20:27:32.7 {REST}").time.microsecond == 7000


def test_the_year_of_a_journal() -> None:
    """A line without a year gets the last year that fits the file's time."""
    in_january = Source("n-cpu", "", datetime.datetime(2027, 1, 2))

    assert parsed(f"Dec 31 23:59:59 vm nova-compute[1]: {REST}", in_january).time == (
        datetime.datetime(2026, 12, 31, 23, 59, 59)
    )


def test_a_global_request_id_and_its_own() -> None:
    other = "req-0856837b-49df-4cb0-bc26-fb491ebf1df2"

    line = parsed(f"2026-11-22 20:27:32.151 INFO nova.x [{other} {REQUEST} a b] m")

    assert (line.ids, line.request_id) == ((other, REQUEST), REQUEST)


def test_lines_that_belong_to_the_line_before() -> None:
    head = b"2026-11-22 20:27:32.151 ERROR nova.x [None req-1 a b] Failed"

    for line in ("  <domain>", "2026-11-22 20:27:32.151 ERROR nova.x Traceback"):
        assert goes_on(head, line.encode()), line
    for line in (
        "2026-11-22 20:27:32.151 ERROR nova.x [None req-2 a b] Failed",
        "2026-11-22 20:27:32.151 ERROR nova.y Traceback",
        "[pid: 404|app: 0|req: 1/2] 127.0.0.1 () {34 vars in 678 bytes}",
        "Nov 22 20:27:32 vm n-api[404]: [pid: 404|app: 0|req: 1/2]",
    ):
        assert not goes_on(head, line.encode()), line

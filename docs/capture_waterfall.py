# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Draw how long each step of a recorded pause took, for docs/performance.md.

    python docs/capture_waterfall.py [--write]

minova's own log lines do not show the begin and end of a transaction, but the lines of
SQLAlchemy's pool do.  So the pause was recorded with ``debug = true`` and
``default_log_levels = sqlalchemy.pool=DEBUG``.  Log times are whole milliseconds.
"""

import pathlib
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pictures
from rich.table import Table
from rich.text import Text

from minova.trace import logs, shown
from minova.trace.timeline import Reader, Timeline

ROOT = pathlib.Path(__file__).parents[1]
RECORDED = ROOT / "tests/unit/trace/recordings/waterfall"
SHOWN = ROOT / "docs/waterfall.svg"


class Step(NamedTuple):
    """A part of the pause, which ends with a log line.

    Attributes:
        writer: the service that writes this line.
        line: a regular expression for the start of the line's message.
        beside: the step begins together with the previous step, not at its end.
    """

    who: str
    what: str
    writer: str
    line: str
    beside: bool = False


_TAKES = "Connection .* checked out from pool"
_RETURNS = "Connection .* being returned to pool"
STEPS = (
    Step("n-api", "reads the server", "n-api", _RETURNS),
    Step("n-api", "checks", "n-api", _TAKES),
    Step("n-api", "claims", "n-api", "Claimed for"),
    Step("n-api", "casts until the confirm; 202", "n-api", ".* status: 202"),
    Step("RabbitMQ", "carries the message", "n-cpu", _TAKES, beside=True),
    Step("n-cpu", "starts the claim", "n-cpu", "Pausing"),
    Step("hypervisor", "suspends", "n-cpu", "Checking state"),
    Step("n-cpu", "looks", "n-cpu", _TAKES),
    Step("n-cpu", "stores the result", "n-cpu", _RETURNS),
)
_COLOURS = {
    "n-api": "cyan",
    "RabbitMQ": "yellow",
    "n-cpu": "green",
    "hypervisor": "magenta",
}
_CELLS = 3
"""Width of a millisecond."""
_MARK = 5
"""Milliseconds between two marks of the ruler."""


class Taken(NamedTuple):
    """A step with its begin and end, in milliseconds since the first line."""

    step: Step
    begin: float
    end: float


def taken(timeline: Timeline) -> Iterator[Taken]:
    """Find the steps by their log lines."""
    lines = [line for line in timeline.lines if not timeline.is_beside(line)]
    left = {
        service: iter([line for line in lines if line.service == service])
        for service in ("n-api", "n-cpu")
    }
    begin = end = 0.0
    for step in STEPS:
        line = next(ln for ln in left[step.writer] if re.match(step.line, ln.message))
        begin = begin if step.beside else end
        end = timeline.since_start(line) * 1000
        yield Taken(step, begin, end)


def picture() -> str:
    (request_id,) = set(re.findall(r"req-\S+", (RECORDED / "n-api.log").read_text()))
    timeline = Reader(logs.find([RECORDED])).trace(request_id)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("who")
    table.add_column("does what")
    table.add_column("ms", justify="right")
    steps = list(taken(timeline))
    table.add_column(_ruler(steps[-1].end))
    for step, begin, end in steps:
        colour = _COLOURS[step.who]
        # A step of less than a millisecond is shown too.
        cells = max(1, _cells(end) - _cells(begin))
        bar = Text.assemble(" " * _cells(begin), (" " * cells, f"on {colour}"))
        time = f"{end - begin:.0f}" if end > begin else "<1"
        table.add_row(Text(step.who, style=colour), step.what, time, bar)
    _, asked = shown.title(timeline).splitlines()
    console = pictures.console(120)
    console.print(Text(asked), "", table, sep="\n")
    return pictures.svg(console, "One pause, milliseconds since n-api's first line")


def _cells(milliseconds: float) -> int:
    return round(milliseconds * _CELLS)


def _ruler(until: float) -> str:
    ruler = ""
    for mark in range(0, int(until) + 1, _MARK):
        ruler = ruler.ljust(_cells(mark)) + str(mark)
    return ruler


def main() -> None:
    text = picture()
    if "--write" in sys.argv[1:]:
        SHOWN.write_text(text)
    elif not SHOWN.exists() or SHOWN.read_text() != text:
        sys.exit(f"{SHOWN.name} is not as the recorded pause was: --write")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A timeline as lines of text, and as JSON."""

import datetime
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from minova.trace.formats import Line
from minova.trace.places import in_nova
from minova.trace.timeline import Timeline

_METHOD = re.compile(
    r"<(?:bound method|function) (?:[\w.]+\.)?(\w+\.)?(\w+)\b.*?>+(?=')?"
)


class Row(NamedTuple):
    since_start: str
    since_before: str
    who: str
    level: str
    what: str
    where: str
    beside: bool


def title(timeline: Timeline) -> str:
    """Return the request id, and what was asked, by whom and when."""
    access = timeline.access
    asked = f"{access['method']} {access['path']}" if access else ""
    status = f"→ {access['status']}" if access else ""
    users = (line.user for line in timeline.lines if not timeline.is_beside(line))
    who = next((user for user in users if user), "")
    by = f"by {who}" if who else ""
    parts = [asked, timeline.body, status, by, f"{timeline.start:%Y-%m-%d %H:%M:%S}"]
    return "\n".join([timeline.request_id, " ".join(part for part in parts if part)])


def rows(timeline: Timeline, *, nova: bool) -> Iterator[Row]:
    """Yield a row for each line.

    Args:
        nova: show where Nova does the same, instead of the code that wrote the line.
    """
    before = timeline.start
    for line in timeline.lines:
        more = line.message.count("\n")
        what = _METHOD.sub(r"\1\2", line.headline)
        function = line.function or _function_of_nova(line)
        written_by = f"{line.logger} {function}".rstrip()
        yield Row(
            f"{timeline.since_start(line):+.3f}",
            f"{(line.time - before).total_seconds():+.3f}",
            f"{line.service} {line.host}".strip(),
            line.level,
            f"{what} (and {more} lines)" if more else what,
            in_nova(line) if nova else written_by,
            timeline.is_beside(line),
        )
        before = line.time


def _function_of_nova(line: Line) -> str:
    """Return the function that wrote a line of Nova, because INFO lines do not say."""
    return in_nova(line).rpartition(" ")[2] if line.logger.startswith("nova.") else ""


FOOT = "*: not by the request, but beside it, on a thread of the service's own."


def plain(timeline: Timeline, *, nova: bool) -> Iterator[str]:
    """Yield unwrapped lines, for other programs to search and cut."""
    yield from title(timeline).splitlines()
    shown = list(rows(timeline, nova=nova))
    who = max(len(row.who) for row in shown)
    for row in shown:
        star = "*" if row.beside else " "
        where = f"  ({row.where})" if row.where else ""
        yield (
            f"{row.since_start:>9} {row.since_before:>9}  {row.who:<{who}}{star} "
            f"{row.level:<7} {row.what}{where}"
        )
    if any(row.beside for row in shown):
        yield FOOT


def objects(timeline: Timeline, *, nova: bool) -> list[dict[str, Any]]:
    """Return an object for each line, for programs."""
    earlier = itertools.chain([timeline.start], (line.time for line in timeline.lines))
    return [
        {
            "time": line.time.isoformat(timespec="microseconds"),
            "since_start": timeline.since_start(line),
            "since_before": (line.time - before) / datetime.timedelta(seconds=1),
            "service": line.service,
            "host": line.host or None,
            "level": line.level,
            "logger": line.logger,
            "message": line.message,
            "request_id": line.request_id,
            "function": line.function or _function_of_nova(line) or None,
            **({"nova": in_nova(line) or None} if nova else {}),
        }
        for line, before in zip(timeline.lines, earlier, strict=False)
    ]

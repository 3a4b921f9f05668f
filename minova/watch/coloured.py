# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Draws the watched servers on a terminal. Only this module needs Rich."""

import datetime
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from rich import cells
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from minova.client.one_line import one_line
from minova.client.records import Record
from minova.watch.rows import Row, in_order
from minova.watch.shown import local_time, power, result
from minova.watch.watching import RECORDS, Watching

_COLUMNS: Final = [
    (name, "dim")
    for name in ("name", "vm_state", "task_state", "power_state", "host", "counter")
]
_STATES: Final = {
    "active": "green",
    "paused": "yellow",
    "suspended": "blue",
    "stopped": "dim",
    "error": "bold red",
    "deleted": "strike dim",
}
_RESULTS: Final = {"Success": "green", "Error": "bold red"}
_NEW: Final = 3.0
"""Seconds for which a change is highlighted."""
_SILENCE: Final = datetime.timedelta(seconds=3)
_AROUND: Final = 7
"""Number of lines above and below the rows."""
_NOTE: Final = "(…): passed between two looks, and is on record."


Clock = Callable[[], datetime.datetime]


def _utcnow() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Picture:
    """The watched servers, as far as they fit on the terminal."""

    def __init__(
        self, watching: Watching, console: Console | None = None, now: Clock = _utcnow
    ) -> None:
        self._watching = watching
        self._console = console or Console()
        self._now = now

    def live(self) -> Live:
        """Return a context manager that keeps drawing on the alternate screen."""
        return Live(
            get_renderable=self.draw,
            console=self._console,
            screen=True,
            refresh_per_second=4,
        )

    def print(self) -> None:
        self._console.print(self.draw())

    @property
    def shown(self) -> int:
        """The number of rows that fit."""
        lines = max(1, self._console.height - _AROUND)
        # If not all fit, keep a third for the actions of servers that changed.
        return lines if len(self._watching.rows) <= lines else max(1, lines * 2 // 3)

    def draw(self) -> Group:
        rows = in_order(self._watching.rows, self.shown)
        hidden = len(self._watching.rows) - len(rows)
        body = [Text(), *self._table(rows)] if rows else [Text("No servers.")]
        if hidden:
            body.append(Text(f"and {hidden} more", style="dim"))
        if any(_is_new(row.passed_at) for row in rows):
            body += [Text(), Text(_NOTE, style="dim italic")]
        return Group(self._head(), *body)

    def _below(self, rows: list[Row]) -> Counter[str]:
        """Return how many actions fit below each row, by server id."""
        left = self._console.height - _AROUND - len(rows)
        latest = sorted(rows, key=lambda row: -row.changed_at)
        wanted = (
            row.server.id
            for depth in range(RECORDS)
            for row in latest
            if len(row.records) > depth
        )
        return Counter(itertools.islice(wanted, max(0, left)))

    def _head(self) -> Text:
        watching = self._watching
        at = f"{watching.looked_at.astimezone():%H:%M:%S}"
        count = len(watching.rows)
        head = Text.assemble(
            ("minova watch", "bold"),
            f"  {watching.found}  {count} server{'s' * (count != 1)}  {at}",
            no_wrap=True,
            overflow="ellipsis",
        )
        silence = self._now() - watching.looked_at
        if watching.trouble:
            head.append(f"\n{one_line(watching.trouble)} Asking again.", "bold red")
        elif silence > _SILENCE:
            head.append(f"\nNo answer for {silence.seconds} s.", "bold red")
        return head

    def _table(self, rows: list[Row]) -> Iterator[Text]:
        table = [_COLUMNS, *(list(_cells(row)) for row in rows)]
        widths = [
            max(cells.cell_len(text) for text, _style in column)
            for column in zip(*table, strict=True)
        ]
        below = self._below(rows)
        yield _line(table[0], widths)
        for row, columns in zip(rows, table[1:], strict=True):
            yield _line(columns, widths)
            yield from map(_of_record, row.records[: below[row.server.id]])


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the text and style of each column."""
    server = row.server
    is_new = _is_new(row.changed_at)
    yield one_line(server.name), "bold" if is_new else ""
    state = _STATES.get(server.vm_state, "")
    yield one_line(server.vm_state), f"{state} bold" if is_new else state
    if server.task_state is None and _is_new(row.passed_at):
        yield f"({row.passed})", "italic magenta"
    else:
        yield one_line(server.task_state or "-"), "magenta" * bool(server.task_state)
    yield power(server.power_state), ""
    yield one_line(server.host or "-"), ""
    yield ("-" if row.counter is None else f"tick {row.counter}"), "cyan"


def _of_record(record: Record) -> Text:
    ended = result(record)
    line = Text.assemble(
        (f"    {local_time(record.start_time)}  ", "dim"),
        f"{one_line(record.action):<14}  ",
        (f"{ended:<7}  ", _RESULTS.get(ended, "")),
        (record.request_id, "dim"),
        no_wrap=True,
        overflow="ellipsis",
    )
    if record.failure:
        line.append(f"  {one_line(record.failure)}", "red")
    return line


def _line(columns: list[tuple[str, str]], widths: list[int]) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    for (text, style), width in zip(columns, widths, strict=True):
        line.append(cells.set_cell_size(text, width) + "  ", style)
    return line


def _is_new(at: float) -> bool:
    return bool(at) and time.monotonic() - at < _NEW

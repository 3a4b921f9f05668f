# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Prints a timeline in colours on a terminal. Only this module needs Rich."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minova.trace.shown import FOOT, rows, title
from minova.trace.timeline import Timeline

_STYLES = {
    "n-api": "cyan",
    "n-cond": "blue",
    "n-sch": "blue",
    "n-cpu": "green",
    "DEBUG": "dim",
    "WARNING": "yellow",
    "ERROR": "bold red",
    "CRITICAL": "bold red",
}
_BESIDE = "magenta"


def show(timeline: Timeline, console: Console | None = None, *, nova: bool) -> None:
    """Print a table, wrapped to the terminal."""
    console = console or Console()
    head, _, rest = title(timeline).partition("\n")
    console.print(Text(head, style="bold"), Text(rest), sep="\n")
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    table.add_column("since POST", justify="right", no_wrap=True)
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("who", no_wrap=True)
    table.add_column("what", ratio=3, overflow="fold")
    table.add_column("in Nova" if nova else "written by", ratio=2, overflow="fold")
    for row in rows(timeline, nova=nova):
        what = row.what
        if timeline.server:
            what = what.replace(timeline.server, f"{timeline.server[:8]}…")
        style = _STYLES.get(row.who.partition(" ")[0], "")
        table.add_row(
            row.since_start,
            Text(row.since_before, style="dim"),
            Text(row.who + "*" * row.beside, style=_BESIDE if row.beside else style),
            Text(what, style=_STYLES.get(row.level, "")),
            Text(row.where, style="dim"),
        )
    console.print(table)
    if any(timeline.is_beside(line) for line in timeline.lines):
        console.print(Text(FOOT, style=_BESIDE))

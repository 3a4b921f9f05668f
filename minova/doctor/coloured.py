# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An examination in colours, for terminals: all that needs Rich."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minova.doctor import server as servers
from minova.doctor.kinds import Severity
from minova.doctor.server import ServerSeen
from minova.doctor.shown import Told

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
}
_RESULTS = {"Success": "green", "Error": "red"}


def show(told: Told, console: Console | None = None) -> None:
    """Print it, wrapped to the terminal."""
    console = console or Console()
    if told.server is not None:
        _show_server(told, told.server, console)
    style = "bold green" if told.is_well else "bold"
    console.print(Text(told.headline, style=style))
    for each in told.findings:
        severity = each.kind.severity
        console.print()
        head = Text.assemble((f" {severity.upper()} ", f"{_STYLES[severity]} reverse"))
        console.print(head.append(f" {each.kind.name}", style=_STYLES[severity]))
        table = _table()
        table.add_row("", Text(each.what))
        table.add_row("by itself", Text(each.by_itself))
        if each.repair:
            table.add_row("repair", Text(each.repair, style="bold"))
        console.print(table)
    _show_looks(told, console)


def _show_server(told: Told, server: ServerSeen, console: Console) -> None:
    console.print(Text(told.title, style="bold"))
    table = _table()
    table.add_row("why", Text(told.why, style="green" if told.is_well else "yellow"))
    if command := servers.trace(server):
        table.add_row("next", Text(command, style="bold"))
    for name, fact in told.facts.items():
        table.add_row(name, Text(fact))
    for number, record in enumerate(server.records):
        line = Text.assemble(
            (f"{record.start_time[11:19]} ", "dim"),
            f"{record.action} ",
            (f"{record.request} ", "dim"),
            (record.result, _RESULTS.get(record.result, "yellow")),
        )
        if record.details:
            line.append(f": {record.details}")
        table.add_row("" if number else "requests", line)
    console.print(table)
    console.print()


def _show_looks(told: Told, console: Console) -> None:
    report = told.examination.report
    console.print()
    table = _table()
    for seen in report.seen:
        subject = Text(seen.subject, style="green")
        table.add_row(subject, Text(seen.what, style="dim"))
    for not_looked in report.not_looked:
        said = Text(f"not looked at: {not_looked.why}. ", style="yellow")
        table.add_row(Text(not_looked.subject, style="yellow"), said + not_looked.how)
    console.print(table)


def _table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="dim", width=12, overflow="fold")
    table.add_column(overflow="fold")
    return table

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Prints an examination in colours on a terminal. Only this module needs Rich."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Told = Mapping[str, Any]

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_RESULTS = {"Success": "green", "Error": "red"}
_WELL = "bold green"


def show(told: Told, console: Console | None = None) -> None:
    """Print the result of ``shown.told``, wrapped to the terminal."""
    console = console or Console()
    if "server" in told:
        _show_server(told["server"], console, is_well=told["well"])
    console.print(Text(told["summary"], style=_WELL if told["well"] else "bold"))
    for each in told["findings"]:
        style = _STYLES[each["severity"]]
        badge = (f" {each['severity'].upper()} ", f"{style} reverse")
        console.print()
        console.print(Text.assemble(badge, (f" {each['kind']}", style)))
        table = _table()
        table.add_row("", Text(each["what"]))
        table.add_row("by itself", Text(each["by_itself"]))
        if each["repair"]:
            table.add_row("repair", Text(each["repair"], style="bold"))
        console.print(table)
    _show_looks(told, console)


def _show_server(server: Told, console: Console, *, is_well: bool) -> None:
    console.print(Text(server["title"], style="bold"))
    table = _table()
    table.add_row("why", Text(server["why"], style="green" if is_well else "yellow"))
    if server["next"]:
        table.add_row("next", Text(server["next"], style="bold"))
    for name, fact in server["facts"].items():
        table.add_row(name, Text(fact))
    for number, record in enumerate(server["records"]):
        line = Text.assemble(
            (f"{record['start_time'].replace('T', ' ')} ", "dim"),
            f"{record['action']:<8} ",
            (record["result"], _RESULTS.get(record["result"], "yellow")),
        )
        if record["details"]:
            line.append(f": {record['details']}")
        table.add_row("" if number else "requests", line)
    console.print(table)
    console.print()


def _show_looks(told: Told, console: Console) -> None:
    console.print()
    table = _table()
    for seen in told["seen"]:
        subject = Text(seen["subject"], style="green")
        table.add_row(subject, Text(seen["what"], style="dim"))
    for each in told["not_looked"]:
        why = Text(f"not looked at, {each['why']}. ", style="yellow")
        table.add_row(
            Text(each["subject"], style="yellow"), why + Text(each["how"], style="bold")
        )
    console.print(table)


def _table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="dim", width=12, overflow="fold")
    table.add_column(overflow="fold")
    return table

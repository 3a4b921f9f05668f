# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova fault``: what goes wrong, on order."""

import json
from collections.abc import Callable
from typing import Any
from urllib import parse

import click

from minova.api.faults import kinds
from minova.cmd.cli.which_cloud import of_a_cloud

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PROJECT = click.option("--project", "project_id", help="The id of a project.")
_PATH = "/faults"
_KINDS = "\n".join(f"{kind.name:<16}{kind.what}" for kind in kinds.ALL)


@click.group()
def fault() -> None:
    """Order what goes wrong, list it, and take it back.

    This is for tests of tools: in a cloud that minova up runs, or of answers alone
    where [testing] enabled says so. docs/testing-a-tool.md has a table of all kinds.
    """


def _times(_context: click.Context, _option: click.Parameter, asked: Any) -> Any:
    if asked is None or asked == "always":
        return asked
    if not asked.isdecimal() or int(asked) < 1:
        raise click.BadParameter(f"{asked} is neither a number from 1 on nor always.")
    return int(asked)


def _selected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each value that an order may have."""
    for option in reversed(
        (
            click.option("--server", help="Its id, or its name."),
            _PROJECT,
            click.option("--host", help="The name of a compute host."),
            click.option("--action", help="Such as pause, create, delete."),
            click.option("--method", help="Of the request, such as GET."),
            click.option("--path", help="Behind /v2.1; * stands for anything."),
            click.option("--seconds", type=float, help="How long, or how late."),
            click.option("--message", help="What the hypervisor says."),
            click.option("--status", type=int, help="Of the answer."),
            click.option("--retry-after", type=int, help="Seconds, for the header."),
            click.option(
                "--performed/--not-performed",
                default=None,
                help="Whether the request is done nevertheless. [default: with 504]",
            ),
            click.option(
                "--times", callback=_times, metavar="N|always", help="How often."
            ),
            click.option("--probability", type=float, help="More than 0, at most 1."),
            click.option("--seed", type=int, help="Have the same chances again."),
        )
    ):
        command = option(command)
    return command


@fault.command(epilog=f"\b\nEach KIND:\n{_KINDS}")
@of_a_cloud
@click.argument(
    "kind", metavar="KIND", type=click.Choice([kind.name for kind in kinds.ALL])
)
@_selected
@_AS_JSON
def add(*, cloud: Any, as_json: bool, **values: Any) -> None:
    """Order a fault of a KIND, and print its id."""
    order = {name: value for name, value in values.items() if value is not None}
    made = cloud.own("POST", _PATH, {"fault": order})["fault"]
    click.echo(json.dumps(made) if as_json else made["id"])


@fault.command("list")
@of_a_cloud
@_PROJECT
@_AS_JSON
def list_(*, cloud: Any, project_id: str | None, as_json: bool) -> None:
    """List the faults, and what each did."""
    found = cloud.own("GET", _of(project_id))["faults"]
    if as_json:
        click.echo(json.dumps(found))
        return
    for each in found:
        click.echo(_line(each))
        for strike in each["strikes"]:
            told = [strike["at"], strike["request_id"], strike["server_id"]]
            click.echo("  " + " ".join(text for text in told if text))


@fault.command()
@of_a_cloud
@click.argument("fault_id", metavar="ID")
def remove(*, cloud: Any, fault_id: str) -> None:
    """Take a fault back."""
    cloud.own("DELETE", f"{_PATH}/{fault_id}")


@fault.command()
@of_a_cloud
@_PROJECT
def clear(*, cloud: Any, project_id: str | None) -> None:
    """Take all faults back, or those for a project."""
    cloud.own("DELETE", _of(project_id))


def _of(project_id: str | None) -> str:
    if project_id is None:
        return _PATH
    return f"{_PATH}?{parse.urlencode({'project_id': project_id})}"


def _line(shown: dict[str, Any]) -> str:
    said = " ".join(
        f"{name}={shown[name]}"
        for name in kinds.VALUES
        if name not in kinds.OFTEN and shown[name] is not None
    )
    often = f"struck {shown['struck']} of {shown['times']}"
    return " ".join(text for text in (shown["id"], shown["kind"], said, often) if text)

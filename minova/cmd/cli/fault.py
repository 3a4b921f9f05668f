# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova fault``: orders faults, for tests."""

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
    """Order faults, list them and remove them.

    This is for tests of tools. With minova up, all kinds of faults work. Elsewhere
    only faults in n-api's answers work, and only with [testing] enabled.
    docs/testing-a-tool.md has a table of all kinds.
    """


def _times(_context: click.Context, _option: click.Parameter, asked: Any) -> Any:
    if asked is None or asked == "always":
        return asked
    if not asked.isdecimal() or int(asked) < 1:
        raise click.BadParameter(f"{asked} is neither a positive number nor always.")
    return int(asked)


def _selected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each value of an order to a command."""
    for option in reversed(
        (
            click.option("--server", help="The id or name of a server."),
            _PROJECT,
            click.option("--host", help="The name of a compute host."),
            click.option("--action", help="An action, such as pause or create."),
            click.option("--method", help="The request's method, such as GET."),
            click.option("--path", help="The path after /v2.1; * matches anything."),
            click.option(
                "--seconds", type=float, help="How long it takes, or how late it is."
            ),
            click.option("--message", help="The hypervisor's error message."),
            click.option("--status", type=int, help="The answer's HTTP status."),
            click.option(
                "--retry-after", type=int, help="Seconds in the Retry-After header."
            ),
            click.option(
                "--performed/--not-performed",
                default=None,
                help="Whether the request is still performed. [default: only with 504]",
            ),
            click.option(
                "--times", callback=_times, metavar="N|always", help="How many times."
            ),
            click.option("--probability", type=float, help="More than 0, at most 1."),
            click.option("--seed", type=int, help="Make --probability repeatable."),
        )
    ):
        command = option(command)
    return command


@fault.command(epilog=f"\b\nThe kinds:\n{_KINDS}")
@of_a_cloud
@click.argument(
    "kind", metavar="KIND", type=click.Choice([kind.name for kind in kinds.ALL])
)
@_selected
@_AS_JSON
def add(*, cloud: Any, as_json: bool, **values: Any) -> None:
    """Order a fault, and print its id."""
    order = {name: value for name, value in values.items() if value is not None}
    made = cloud.own("POST", _PATH, {"fault": order})["fault"]
    click.echo(json.dumps(made) if as_json else made["id"])


@fault.command("list")
@of_a_cloud
@_PROJECT
@_AS_JSON
def list_(*, cloud: Any, project_id: str | None, as_json: bool) -> None:
    """List the faults and the requests that each one hit."""
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
    """Remove a fault."""
    cloud.own("DELETE", f"{_PATH}/{fault_id}")


@fault.command()
@of_a_cloud
@_PROJECT
def clear(*, cloud: Any, project_id: str | None) -> None:
    """Remove all faults, or those ordered for one project."""
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

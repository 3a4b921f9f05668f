# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova pause`` and similar: a command for each action that needs no argument."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import click

from minova.client.one_line import one_line
from minova.client.verbs import VERBS, Verb
from minova.cmd.cli import results
from minova.cmd.cli.selecting import selecting
from minova.cmd.cli.which_cloud import of_a_cloud

if TYPE_CHECKING:
    from minova.client.bulk import Bulk
    from minova.client.cloud import Cloud
    from minova.client.selection import Selection
    from minova.client.servers import Server

_HELP = """\
SERVER is an id or a name. The action goes to the servers that match everything given
here. If it fails for one server, the others still get it.
"""
_STATUS = """\b
Exit status:
  0  all requests were accepted or, with --wait, are done
  1  some were not, or the cloud did not list its servers
  2  the command line is wrong; nothing was sent
"""


def command(name: str) -> click.Command | None:
    """Return the command for an action, or None if there is no such action."""
    return _command(VERBS[name]) if name in VERBS else None


def _command(verb: Verb) -> click.Command:
    run: Any = functools.partial(_run, verb)
    functools.update_wrapper(run, _run)
    for way, variant in verb.variants.items():
        option = click.option(f"--{way}", is_flag=True, help=f"{variant.states}.")
        run = option(run)
    said = f"{verb.name.capitalize().replace('-', ' ')} servers: {verb.states}."
    return click.command(
        verb.name,
        short_help=verb.states,
        help=f"{said}\n\n{_HELP}",
        epilog=_STATUS,
    )(_with_options(run))


def _with_options(run: Any) -> Any:
    options = (
        of_a_cloud,
        selecting,
        click.option("--all", "every", is_flag=True, help="All servers."),
        click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation."),
        click.option("--dry-run", is_flag=True, help="Only show what would be sent."),
        click.option("--wait", is_flag=True, help="Wait until each is done or failed."),
        click.option(
            "--timeout",
            type=click.FloatRange(0),
            default=300,
            show_default=True,
            metavar="SECONDS",
            help="How long --wait waits after the last request.",
        ),
        click.option(
            "--concurrency",
            type=click.IntRange(1, 100),
            default=10,
            show_default=True,
            help="How many requests to send at the same time.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    )
    for option in reversed(options):
        run = option(run)
    return run


def _run(
    verb: Verb,
    *,
    cloud: Cloud,
    selection: Selection,
    every: bool,
    yes: bool,
    dry_run: bool,
    wait: bool,
    timeout: float,
    concurrency: int,
    as_json: bool,
    **ways: bool,
) -> None:
    from minova.client import bulk as sending  # noqa: PLC0415 - keystoneauth
    from minova.client.selection import select  # noqa: PLC0415

    for way, is_wanted in ways.items():
        verb = verb.variants[way] if is_wanted else verb
    if not (every or selection.is_narrowed):
        raise click.UsageError(
            "Choose the servers with SERVER, --all, --host, --tag or --name."
        )
    found = select(cloud, selection)
    if not found:
        click.echo("No server matches.", err=True)
    if dry_run:
        results.tell_what_would_be(verb, found, as_json=as_json)
        return
    if found and not yes:
        _ask_whether(verb, found, selection)
    bulk = sending.Bulk(cloud, verb, found, concurrency)
    is_whole = _perform(bulk, timeout if wait else None)
    results.tell(bulk.results, as_json=as_json)
    if not is_whole or not all(result.is_good for result in bulk.results):
        click.get_current_context().exit(1)


def _ask_whether(verb: Verb, found: list[Server], selection: Selection) -> None:
    """Ask for confirmation at a terminal, unless the servers are named one by one.

    Only a delete needs it if ``--host``, ``--tag`` or ``--name`` narrows the choice.

    Raises:
        click.Abort: the user says no.
        click.UsageError: it is a delete, and there is no terminal.
    """
    if selection.words or (selection.is_narrowed and not verb.deletes):
        return
    if sys.stdin.isatty():
        names = ", ".join(one_line(server.name) for server in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""  # noqa: PLR2004
        click.confirm(
            f"{verb.name} {len(found)} servers ({names}{more})?", abort=True, err=True
        )
    elif verb.deletes:
        raise click.UsageError(
            f"Without a terminal or a SERVER, {verb.name} needs --yes."
        )


def _perform(bulk: Bulk, wait: float | None) -> bool:
    """Send, and wait. Return False if Ctrl-C interrupted it."""
    count = len(bulk.results)
    try:
        with _progress("sent", count) as step:
            bulk.send(lambda _result: step.update(1))
        if wait is not None:
            pending = sum(result.is_good for result in bulk.results)
            with _progress("done", pending) as step:
                bulk.wait(wait, lambda _result: step.update(1))
    except KeyboardInterrupt:
        click.echo("Interrupted. Requests that were sent are not undone:", err=True)
        return False
    return True


def _progress(label: str, count: int) -> Any:
    return click.progressbar(
        length=count,
        label=label,
        show_pos=True,
        file=sys.stderr,
        hidden=not (count and sys.stderr.isatty()),
    )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova watch``."""

from __future__ import annotations

import importlib
import json
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from minova.cmd.cli.selecting import selecting
from minova.cmd.cli.which_cloud import of_a_cloud

if TYPE_CHECKING:
    from minova.client.cloud import Cloud
    from minova.client.selection import Selection
    from minova.watch.watching import Watching


@click.command()
@of_a_cloud
@selecting
@click.option(
    "--interval",
    type=click.FloatRange(0.05),
    default=0.25,
    show_default=True,
    metavar="SECONDS",
    help="The time between two looks at the cloud.",
)
@click.option("--once", is_flag=True, help="Show the servers once and exit.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a line of JSON for each change. This is the default in a pipe.",
)
def watch(
    *,
    cloud: Cloud,
    selection: Selection,
    interval: float,
    once: bool,
    as_json: bool,
) -> None:
    """Show servers as they change, until Ctrl-C.

    SERVER is an id or a name. Without it, all servers that match the options are
    shown. Below each server are its last actions.
    """
    from minova.watch.watching import Watching  # noqa: PLC0415 - keystoneauth

    # Also restore the terminal after SIGTERM.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    coloured = None if as_json or not sys.stdout.isatty() else _with_colours()
    ends = bool(selection.words)
    try:
        watching = Watching(cloud, selection)
        if coloured is None:
            _print(watching, interval, once=once, ends=ends)
        else:
            _draw(coloured, watching, interval, once=once, ends=ends)
    except KeyboardInterrupt:
        return


def _with_colours() -> Any:
    """Return the module that draws, or None if Rich is not installed."""
    try:
        return importlib.import_module("minova.watch.coloured")
    except ModuleNotFoundError:
        click.echo(
            "Install minova[trace] to see a table here instead of JSON.", err=True
        )
        return None


def _print(watching: Watching, interval: float, *, once: bool, ends: bool) -> None:
    from minova.watch import shown  # noqa: PLC0415 - its types are keystoneauth's

    for change in watching.first(wait=2 * once):
        click.echo(json.dumps(shown.object_of(change)))
    trouble = ""
    while not once and (watching.rows or not ends):
        time.sleep(interval)
        for change in watching.step():
            click.echo(json.dumps(shown.object_of(change)))
        if watching.trouble != trouble:
            trouble = watching.trouble
            click.echo(json.dumps(shown.trouble(trouble)))


def _draw(
    coloured: Any, watching: Watching, interval: float, *, once: bool, ends: bool
) -> None:
    picture = coloured.Picture(watching)
    if once:
        list(watching.first(picture.shown, wait=2))
        picture.print()
        return
    try:
        with picture.live():
            list(watching.first(picture.shown))
            while watching.rows or not ends:
                list(watching.step(picture.shown))
                time.sleep(interval)
    finally:
        # Leave the last picture on the normal screen, below the earlier output.
        picture.print()

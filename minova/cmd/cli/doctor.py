# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova doctor``."""

import importlib
import json
import pathlib
import sys
from contextlib import suppress
from typing import Any

import click

from minova.cmd.cli.which_cloud import of_a_cloud

_STATUS = """\b
Exit status:
  0  nothing wrong was found
  1  something wrong was found
  2  the command line is wrong
  3  nothing could be looked at, or there is no such server
"""


class _NothingSeen(click.ClickException):
    exit_code = 3


@click.command(epilog=_STATUS)
@click.argument("server", required=False)
@click.option(
    "--config-file",
    "file",
    # A caller who may not read it is told so, and still sees what n-api says.
    type=click.Path(
        exists=True, dir_okay=False, readable=False, path_type=pathlib.Path
    ),
    help="Check the database, RabbitMQ and libvirt that this minova.conf names. "
    "[default: /etc/minova/minova.conf, if you may read it]",
)
@click.option(
    "--management-url",
    metavar="URL",
    envvar="MINOVA_MANAGEMENT_URL",
    show_envvar=True,
    help="The URL of RabbitMQ's management API. [default: port 15672 of the first "
    "node]",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Repair what can be repaired safely, and say what was done.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@of_a_cloud
def doctor(
    *,
    cloud: Any,
    server: str | None,
    file: pathlib.Path | None,
    management_url: str | None,
    fix: bool,
    as_json: bool,
) -> None:
    """Say what is wrong, what repairs itself, and how to repair the rest.

    With SERVER, an id or a name, say why that server is stuck. Without --fix, nothing
    is changed.
    """
    # All of minova.
    from minova import native_threads  # noqa: F401, PLC0415 - before the others

    # isort: split
    from minova.client import finding  # noqa: PLC0415
    from minova.doctor import fixes, shown  # noqa: PLC0415
    from minova.doctor.examination import Examination  # noqa: PLC0415

    said = click.get_current_context().params["url"]
    is_guess = not said and cloud.found == finding.USUAL

    def examine() -> Examination:
        examination = Examination(cloud, file, management_url, is_guess=is_guess)
        examination.run()
        return examination

    examination = examine()
    done = None
    if fix:
        for found in fixes.wanted(examination):
            click.echo(f"Repairing: {found.what} ({found.kind.fix})", err=True)
        done = list(fixes.do(examination))
        for line in shown.fixed(done):
            click.echo(line, err=True)
        # Show the state after the repairs.
        examination = examine() if done else examination
    told = shown.told(examination, _server(examination, server), done)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        _print(told)
    if not told["well"]:
        sys.exit(1)
    if not told["seen"]:
        raise _NothingSeen(told["summary"])


def _server(examination: Any, wanted: str | None) -> Any:
    if wanted is None:
        return None
    from minova.doctor import server  # noqa: PLC0415 - all of minova

    try:
        return server.find(examination, wanted)
    except server.NotFound as error:
        raise _NothingSeen(str(error)) from None


def _print(told: Any) -> None:
    if sys.stdout.isatty():
        # Rich is for terminals only, and may not be installed.
        with suppress(ModuleNotFoundError):
            importlib.import_module("minova.doctor.coloured").show(told)
            return
    from minova.doctor import shown  # noqa: PLC0415

    for line in shown.plain(told):
        click.echo(line)

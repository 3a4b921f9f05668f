# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova trace``."""

import importlib
import json
import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from minova.trace import diagram as charts
from minova.trace import logs, rows, shown
from minova.trace.timeline import NotFound, Reader, Timeline


class _NotFound(click.ClickException):
    exit_code = 1


class _NoLogs(click.ClickException):
    # Click uses 2 for a wrong command line.
    exit_code = 3


_STATUS = """\b
Exit status:
  0  the request was found
  1  the logs have no such request
  2  the command line is wrong
  3  there are no logs to read
"""


@click.command(epilog=_STATUS)
@click.argument("what", metavar="REQ|SERVER", required=False)
@click.argument("more_paths", nargs=-1, metavar="", type=click.Path())
@click.option("--last", is_flag=True, help="Show the last create, delete or action.")
@click.option(
    "--logs",
    "paths",
    multiple=True,
    metavar="PATH...",
    type=click.Path(),
    help="Log files or folders. Without it, the logs of stack.sh, those of "
    "docker-compose in ./logs, and /var/log/nova.",
)
@click.option(
    "--api",
    envvar="MINOVA_URL",
    metavar="URL",
    help="Also get the event records from the API at this URL. Without --logs, "
    f"{rows.USUAL} is tried.",
)
@click.option("--nova", is_flag=True, help="Show the function of Nova for each line.")
@click.option(
    "--diagram",
    is_flag=False,
    flag_value="terminal",
    metavar="[=mermaid]",
    help="Draw a sequence diagram; --diagram=mermaid draws it for web pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def trace(
    *,
    what: str | None,
    more_paths: tuple[str | None, ...],
    last: bool,
    paths: tuple[str, ...],
    api: str | None,
    nova: bool,
    diagram: str | None,
    as_json: bool,
) -> None:
    """Follow one request through all logs of minova or Nova.

    REQ is a request id or the beginning of one. SERVER is the id or name of a server:
    its last create, delete or action is shown.
    """
    if diagram not in {None, "terminal", "mermaid"}:
        # `--diagram REQ` means the same as `REQ --diagram`.
        what, more_paths, diagram = diagram, (what, *more_paths), "terminal"
    wanted, paths = _sorted_out((what, *more_paths), paths, last=last)
    api = api or ("" if paths else rows.USUAL)
    with _told():
        reader = Reader(
            logs.find(map(pathlib.Path, paths), also=rows.logs_of_one_process(api))
        )
        is_id = wanted.startswith("req-")
        timeline = reader.trace(wanted if is_id else reader.last_request(wanted))
    timeline = timeline.with_lines(rows.events(api, timeline))
    for unread in timeline.unread:
        click.echo(f"Warning: {unread}", err=True)
    if as_json:
        click.echo(json.dumps(shown.objects(timeline, nova=nova), indent=2))
    elif diagram == "mermaid":
        click.echo("\n".join(charts.in_mermaid(timeline)))
    elif diagram:
        click.echo("\n".join(charts.in_characters(timeline)))
    else:
        _print(timeline, nova=nova)


def _sorted_out(
    said: tuple[str | None, ...], paths: tuple[str, ...], *, last: bool
) -> tuple[str, tuple[str, ...]]:
    """Separate the request or server from the paths: --logs may take several paths.

    Raises:
        click.UsageError: no request or server is given, or more than one.
    """
    words = [word for word in said if word is not None]
    if paths:
        behind = [word for word in words if pathlib.Path(word).exists()]
        words = [word for word in words if word not in behind]
        paths = (*paths, *behind)
    if last and words:
        raise click.UsageError(f"Give either --last or {words[0]}, not both.")
    if not last and len(words) != 1:
        raise click.UsageError("Give one request id, one server, or --last.")
    return ("" if last else words[0]), paths


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise _NotFound(str(error)) from error
    except logs.NoLogs as error:
        raise _NoLogs(str(error)) from error


def _print(timeline: Timeline, *, nova: bool) -> None:
    if sys.stdout.isatty():
        # Rich is slow to import, and only for terminals. It may not be installed.
        with suppress(ModuleNotFoundError):
            coloured = importlib.import_module("minova.trace.coloured")
            coloured.show(timeline, nova=nova)
            return
    for line in shown.plain(timeline, nova=nova):
        click.echo(line)

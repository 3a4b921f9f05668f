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
    # Click's own 2 is a command line that is wrong.
    exit_code = 3


_STATUS = """\b
Exit status:
  0  the request is shown
  1  the logs have no such request
  2  the command line is wrong
  3  there are no logs to read
"""


@click.command(epilog=_STATUS)
@click.argument("what", metavar="REQ|SERVER", required=False)
@click.argument("more_paths", nargs=-1, metavar="", type=click.Path())
@click.option("--last", is_flag=True, help="The last create, delete or action.")
@click.option(
    "--logs",
    "paths",
    multiple=True,
    metavar="PATH...",
    type=click.Path(),
    help="Files or folders; without it, stack.sh's, docker-compose's in ./logs, and "
    "/var/log/nova.",
)
@click.option(
    "--api",
    envvar="MINOVA_URL",
    metavar="URL",
    help="Of an API that is asked for the event rows as well; without --logs, "
    f"{rows.USUAL} is, if it answers.",
)
@click.option("--nova", is_flag=True, help="Show where in Nova the same happens.")
@click.option(
    "--diagram",
    is_flag=False,
    flag_value="terminal",
    metavar="[=mermaid]",
    help="Draw who told whom; --diagram=mermaid for web pages.",
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
    """Show the way of one request through all logs, minova's or Nova's.

    REQ is a request id, or how it begins; SERVER the id or name of a server, of which
    the last create, delete or action is shown.
    """
    if diagram not in {None, "terminal", "mermaid"}:
        # Of `--diagram REQ`, which is as clear as `REQ --diagram`.
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
    """What is asked for, and all paths: --logs takes those behind its first as well.

    Raises:
        click.UsageError: nothing, or more than one thing, is asked for.
    """
    words = [word for word in said if word is not None]
    if paths:
        behind = [word for word in words if pathlib.Path(word).exists()]
        words = [word for word in words if word not in behind]
        paths = (*paths, *behind)
    if last and words:
        raise click.UsageError(f"--last goes without {words[0]}.")
    if not last and len(words) != 1:
        raise click.UsageError("Say one request id, one server, or --last.")
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
        # Pipes do without Rich, and start the sooner; it may not be installed.
        with suppress(ModuleNotFoundError):
            coloured = importlib.import_module("minova.trace.coloured")
            coloured.show(timeline, nova=nova)
            return
    for line in shown.plain(timeline, nova=nova):
        click.echo(line)

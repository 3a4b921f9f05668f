# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The options that select the servers for a command."""

import functools
import re
from collections.abc import Callable
from typing import Any

import click


def _pattern(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise click.BadParameter(f"{text!r}: {error}.") from None


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add SERVER... and the options to a command, and call it with ``selection``.

    The command also needs ``cloud``. An unknown or ambiguous server is a usage error.
    """

    @click.argument("words", nargs=-1, metavar="[SERVER]...")
    @click.option("--host", metavar="H", help="Servers on this host (admins only).")
    @click.option(
        "--tag", "tags", multiple=True, metavar="T", help="Servers that have this tag."
    )
    @click.option(
        "--name",
        metavar="REGEX",
        callback=_pattern,
        help="Servers with a name that this expression matches.",
    )
    @click.option(
        "--all-projects", is_flag=True, help="Servers of all projects (admins only)."
    )
    @functools.wraps(command)
    def selected(
        *,
        words: tuple[str, ...],
        host: str | None,
        tags: tuple[str, ...],
        name: re.Pattern[str] | None,
        all_projects: bool,
        **options: Any,
    ) -> Any:
        from minova.client.selection import Selection, Unresolved  # noqa: PLC0415

        selection = Selection(
            words=words, host=host, tags=tags, name=name, all_projects=all_projects
        )
        try:
            return command(selection=selection, **options)
        except Unresolved as error:
            raise click.UsageError(str(error)) from None

    return selected

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A group of commands whose help lists the actions on servers separately."""

import click

_ACTIONS = "Actions on servers (state before → state after)"


class Sections(click.Group):
    """The commands from modules, and those that ``minova.cmd.cli.bulk`` makes.

    The table of actions is imported only for an action, for help and for completion.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        from minova.client.verbs import VERBS  # noqa: PLC0415 - takes 20 ms

        return [*super().list_commands(ctx), *VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        from minova.cmd.cli import bulk  # noqa: PLC0415 - takes 20 ms

        return bulk.command(cmd_name)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        names = self.list_commands(ctx)
        with_help = [
            (name, command.get_short_help_str(limit=formatter.width))
            for name in names
            if (command := self.get_command(ctx, name))
        ]
        for title, is_own in (("Commands", True), (_ACTIONS, False)):
            rows = [row for row in with_help if (row[0] in self.commands) is is_own]
            with formatter.section(title):
                formatter.write_dl(rows)

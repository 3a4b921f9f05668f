# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova-manage: commands for the operator."""

import sys

from oslo_config import cfg

from minova import exception
from minova.cmd import start
from minova.db import migrate
from minova.db.connection import engine


def _db_sync(conf: cfg.ConfigOpts) -> int:
    """Upgrade the database to the newest schema."""
    database = engine.create(conf, wait=3600)
    before = migrate.current(database)
    migrate.sync(database)
    print(f"database: {before or 'empty'} -> {migrate.current(database)}")  # noqa: T201
    return 0


def _guests_destroy(conf: cfg.ConfigOpts) -> int:
    """Remove all guests of this deployment from this host. Keep their database rows."""
    from minova.virt.libvirt.host import Host  # noqa: PLC0415 - libvirt's bindings

    host = Host(conf.libvirt.connection_uri, conf.host, conf.deployment_id)
    guests = host.list_guests()
    for guest in guests:
        guest.delete()
    print(f"guests removed: {len(guests)}")  # noqa: T201
    return 0


_COMMANDS = {
    ("db", "sync"): _db_sync,
    ("guests", "destroy"): _guests_destroy,
}


def _add_commands(subparsers: object) -> None:
    groups: dict[str, object] = {}
    for (group, name), command in _COMMANDS.items():
        if group not in groups:
            parser = subparsers.add_parser(group)  # type: ignore[attr-defined]
            groups[group] = parser.add_subparsers(dest="name", required=True)
        added = groups[group].add_parser(  # type: ignore[attr-defined]
            name, help=command.__doc__, description=command.__doc__
        )
        added.set_defaults(run=command)


def main() -> None:
    """Run one command, and exit with its status."""
    commands = cfg.SubCommandOpt("command", title="commands", handler=_add_commands)
    conf = start.read_options(sys.argv[1:], "minova-manage.log", commands)
    try:
        sys.exit(conf.command.run(conf))
    except exception.Unavailable as error:
        # Only the first line. The SQL statement and a link follow it.
        cause = str(error.__cause__ or "").partition("\n")[0]
        why = f" ({cause})" if cause else ""
        sys.exit(f"minova-manage: {error}{why}")
    except cfg.Error as error:
        sys.exit(f"minova-manage: {error}")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Databases of clouds that tests share (``minova.local``), and how to empty them."""

import datetime
import pathlib
import sqlite3

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import exception as oslo_db_exception
from oslo_utils import timeutils

from minova.db import migrate
from minova.db.connection import engine as engines
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import (
    actions,
    compute_nodes,
    events,
    instances,
    key_pairs,
    metadata,
    services,
)

_TABLES = metadata.sorted_tables
_OF_HOSTS = (services, compute_nodes)


class Wiping(Transactions):
    """Removes rows in any state.  Nobody may be working on them."""

    def __init__(
        self, conf: cfg.ConfigOpts, empty: pathlib.Path, *, stays: bool
    ) -> None:
        """Make the SQLite file that the options name, or migrate an existing one.

        Args:
            empty: the path for a second file, which stays as the migrations left it.
            stays: whether the file outlives the process.  If not, commits of this
                process do not wait for the disk.

        Raises:
            cfg.Error: the file is not a database of minova.
            SchemaTooNew: a later version of minova made it.
        """
        engine = engines.create(conf)
        super().__init__(engine)
        self._empty = engines.sqlite(sa.make_url(f"sqlite:///{empty}"))
        sa.event.listen(self._empty, "connect", _wait_for_no_disk)
        if not stays:
            sa.event.listen(engine, "connect", _wait_for_no_disk)
        migrate.sync(self._empty)
        file = pathlib.Path(str(engine.url.database))
        if not file.stat().st_size:
            # VACUUM must not be in a transaction.
            with engines.to_read(self._empty) as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(file),))
            return
        try:
            migrate.sync(engine)
        except oslo_db_exception.DBError as error:
            raise cfg.Error(f"{file} is not a database of minova: {error}") from None

    def close(self) -> None:
        """Close the empty database.  The other engine is shared and stays open."""
        self._empty.dispose()

    @question
    def wipe(self) -> None:
        """Remove everything but the hosts and the rows that migrations inserted.

        The hosts are enabled and unused afterwards.
        """
        tables = [table for table in _TABLES if table not in _OF_HOSTS]
        with self._empty.connect() as empty:
            rows = {table: empty.execute(sa.select(table)).all() for table in tables}
        with self._write() as connection:
            for table in reversed(tables):
                connection.execute(sa.delete(table))
            for table in tables:
                for row in rows[table]:
                    connection.execute(sa.insert(table).values(**row._mapping))
            connection.execute(
                sa.update(services).values(
                    disabled=False, disabled_reason=None, forced_down=False
                )
            )
            connection.execute(
                sa.update(compute_nodes).values(
                    vcpus_used=0, memory_mb_used=0, availability_zone=None
                )
            )

    @question
    def silence(self, host: str) -> None:
        """Make a stopped host look as if it had been silent for a day."""
        long_ago = timeutils.utcnow() - datetime.timedelta(days=1)
        with self._write() as connection:
            connection.execute(
                sa.update(services)
                .where(services.c.host == host)
                # A heartbeat that is still on its way no longer matches the boot id.
                .values(last_seen_up=long_ago, boot_id="gone")
            )

    @question
    def wipe_project(self, project_id: str, user_id: str) -> None:
        """Remove everything of a project, and the keypairs of a user."""
        theirs = sa.select(instances.c.uuid).where(instances.c.project_id == project_id)
        done = sa.select(actions.c.id).where(actions.c.instance_uuid.in_(theirs))
        with self._write() as connection:
            connection.execute(sa.delete(events).where(events.c.action_id.in_(done)))
            for table in _TABLES:
                if "instance_uuid" in table.c:
                    of_theirs = table.c.instance_uuid.in_(theirs)
                    connection.execute(sa.delete(table).where(of_theirs))
            for table in _TABLES:
                if "project_id" in table.c:
                    of_project = table.c.project_id == project_id
                    connection.execute(sa.delete(table).where(of_project))
            of_user = key_pairs.c.user_id == user_id
            connection.execute(sa.delete(key_pairs).where(of_user))


def _wait_for_no_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")

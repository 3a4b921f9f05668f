# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migrations of servers: listing and finding them, and recording refused moves."""

from typing import Any

import sqlalchemy as sa

from minova import exception
from minova.context import RequestContext
from minova.db import moves, records
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import migrations
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.migration import FINISHED, Migration, MigrationFilter, Refused


class Migrations(Transactions):
    @question
    def migration_list(
        self, wanted: MigrationFilter, limit: int | None, after: str | None = None
    ) -> list[Migration]:
        """A page of migrations.

        Args:
            limit: None asks for all.
            after: the page starts after the migration with this UUID.

        Raises:
            MigrationMarkerNotFound: no migration has the UUID ``after``.
        """
        columns = migrations.c
        query = _matching(wanted).limit(limit)
        order: list[Any] = [columns.id]
        if wanted.newest_first:
            order = [columns.created_at.desc(), columns.id.desc()]
        with self._read_together() as connection:
            if after is not None:
                marker = connection.execute(
                    sa.select(columns.created_at, columns.id).where(
                        columns.uuid == after
                    )
                ).one_or_none()
                if marker is None:
                    raise exception.MigrationMarkerNotFound(after)
                place = sa.tuple_(columns.created_at, columns.id)
                query = query.where(place < sa.tuple_(*marker))
            return _all(connection, query.order_by(*order))

    @question
    def migration_get(self, instance_uuid: str, migration_id: int) -> Migration | None:
        """Find a migration of a server."""
        query = sa.select(migrations).where(
            migrations.c.instance_uuid == instance_uuid,
            migrations.c.id == migration_id,
        )
        with self._read() as connection:
            return next(iter(_all(connection, query)), None)

    @question
    def migration_unconfirmed(self, instance_uuid: str) -> Migration | None:
        """The resize of a server that waits for confirm or revert."""
        query = sa.select(migrations).where(
            migrations.c.instance_uuid == instance_uuid,
            migrations.c.status == FINISHED,
        )
        with self._read() as connection:
            return next(iter(_all(connection, query)), None)

    @question
    def migrations_unconfirmed(self, host: str, older_than: int) -> list[Migration]:
        """The resizes on a host that have waited at least ``older_than`` seconds."""
        query = sa.select(migrations, utcnow().label("database_now")).where(
            migrations.c.source_compute == host, migrations.c.status == FINISHED
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [
            _to_migration(row)
            for row in rows
            if (row.database_now - row.updated_at).total_seconds() >= older_than
        ]

    @question
    def move_refuse(
        self,
        context: RequestContext,
        instance: Instance,
        refused: Refused,
        failure: Failure,
        host: str,
    ) -> None:
        """Record a move that was accepted but found no host.  Nothing was claimed.

        Args:
            host: the host on which n-api runs, for the record.
        """
        uuid = instance.uuid
        request_id = str(context.request_id)
        with self._write() as connection:
            records.start_action(connection, context, uuid, refused.action)
            for event in refused.events:
                records.start_event(connection, uuid, request_id, event, host)
            records.finish_event(connection, uuid, request_id, failure)
            records.add_fault(connection, uuid, failure, host)
            values = {"migration_type": refused.migration_type, "status": "error"}
            new = refused.flavor or instance.flavor
            moves.insert(connection, instance, instance.flavor, new, values)


def _matching(wanted: MigrationFilter) -> sa.Select[Any]:
    columns = migrations.c
    query = sa.select(migrations)
    for name, value in wanted.equal.items():
        query = query.where(columns[name] == value)
    if wanted.hidden:
        query = query.where(sa.false())
    if wanted.host is not None:
        query = query.where(
            (columns.source_compute == wanted.host)
            | (columns.dest_compute == wanted.host)
        )
    if wanted.changes_since is not None:
        query = query.where(columns.updated_at >= wanted.changes_since)
    if wanted.changes_before is not None:
        query = query.where(columns.updated_at <= wanted.changes_before)
    return query


def _all(connection: sa.Connection, query: sa.Select[Any]) -> list[Migration]:
    return [_to_migration(row) for row in connection.execute(query)]


def _to_migration(row: Any) -> Migration:
    values = {column.name: row._mapping[column] for column in migrations.c}
    for name in ("old_flavor", "new_flavor"):
        values[name] = Flavor.from_dict(values[name])
    return Migration(**values)

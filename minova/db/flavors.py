# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavors: creating, changing, deleting and finding them."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from minova import exception
from minova.db import rows
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import flavor_extra_specs, flavor_projects, flavors
from minova.objects.flavor import Flavor, FlavorFilter


class Flavors(Transactions):
    @question
    def flavor_get(self, flavorid: str, project_id: str | None = None) -> Flavor | None:
        """Find a flavor.

        Args:
            project_id: a project that must be allowed to use it; None skips the check.
        """
        query = sa.select(*rows.FLAVOR).where(flavors.c.flavorid == flavorid)
        if project_id is not None:
            query = query.where(_public_or_of(project_id))
        with self._read_together() as connection:
            found = _with_specs(connection, connection.execute(query).all())
        return found[0] if found else None

    @question
    def flavor_uuids(
        self, flavorids: Collection[str], project_id: str | None = None
    ) -> list[str]:
        """The ``flavor_uuid`` of the servers of these flavors.

        A flavor from before revision 0007 has no uuid.  Its id is returned instead.

        Args:
            project_id: as in ``flavor_get``.
        """
        query = sa.select(sa.func.coalesce(flavors.c.uuid, flavors.c.flavorid)).where(
            flavors.c.flavorid.in_(flavorids)
        )
        if project_id is not None:
            query = query.where(_public_or_of(project_id))
        with self._read() as connection:
            return list(connection.scalars(query))

    @question
    def flavor_list(
        self, wanted: FlavorFilter, limit: int, after: Flavor | None = None
    ) -> list[Flavor]:
        """A page of flavors that starts after ``after``; equal ones sorted by id."""
        query = sa.select(*rows.FLAVOR).where(
            flavors.c.memory_mb >= wanted.min_ram, flavors.c.root_gb >= wanted.min_disk
        )
        if wanted.is_public and wanted.project_id is not None:
            query = query.where(_public_or_of(wanted.project_id))
        elif wanted.is_public is not None:
            query = query.where(flavors.c.is_public.is_(wanted.is_public))
        if wanted.name is not None:
            query = query.where(flavors.c.name.regexp_match(wanted.name))
        keys = [_sortable(wanted.sort_key), flavors.c.flavorid]
        if after is not None:
            # Read it here: `Flavor` has no `id`, and NULL compares with nothing.
            marker = sa.select(*keys).where(flavors.c.flavorid == after.flavorid)
            with self._read() as connection:
                place = sa.tuple_(*connection.execute(marker).one())
            here = sa.tuple_(*keys)
            query = query.where(here < place if wanted.descending else here > place)
        order = [key.desc() if wanted.descending else key for key in keys]
        with self._read_together() as connection:
            page = connection.execute(query.order_by(*order).limit(limit)).all()
            return _with_specs(connection, page)

    @question
    def flavor_create(self, flavor: Flavor) -> None:
        """Insert a flavor.

        Raises:
            FlavorIdExists, FlavorExists: its id or its name is taken.
        """
        values = flavor.to_dict()
        del values["extra_specs"]
        with self._write() as connection:
            if _exists(connection, flavors.c.flavorid == flavor.flavorid):
                raise exception.FlavorIdExists(flavor.flavorid)
            if _exists(connection, flavors.c.name == flavor.name):
                raise exception.FlavorExists(flavor.name)
            connection.execute(sa.insert(flavors).values(values))

    @question
    def flavor_describe(self, flavorid: str, description: str | None) -> bool:
        """Change the description; False if there is no such flavor."""
        with self._write() as connection:
            connection.execute(
                sa.update(flavors)
                .where(flavors.c.flavorid == flavorid)
                .values(description=description)
            )
            # MariaDB does not count a row that keeps its values.
            return _exists(connection, flavors.c.flavorid == flavorid)

    @question
    def flavor_delete(self, flavorid: str) -> bool:
        """Delete a flavor with its specs and accesses.  Servers keep their copy."""
        with self._write() as connection:
            gone = connection.execute(
                sa.delete(flavors).where(flavors.c.flavorid == flavorid)
            )
            for table in (flavor_extra_specs, flavor_projects):
                connection.execute(sa.delete(table).where(table.c.flavorid == flavorid))
        return gone.rowcount == 1


def _exists(connection: sa.Connection, where: sa.ColumnElement[bool]) -> bool:
    return connection.execute(sa.select(flavors.c.id).where(where)).first() is not None


def _public_or_of(project_id: str) -> sa.ColumnElement[bool]:
    allowed = sa.exists().where(
        flavor_projects.c.flavorid == flavors.c.flavorid,
        flavor_projects.c.project_id == project_id,
    )
    return flavors.c.is_public.is_(True) | allowed


def _sortable(sort_key: str) -> sa.ColumnElement[Any]:
    if sort_key == "description":
        return sa.func.coalesce(flavors.c.description, "")
    return flavors.c[sort_key]


def _with_specs(connection: sa.Connection, page: Sequence[Any]) -> list[Flavor]:
    specs: dict[str, dict[str, str]] = {row.flavorid: {} for row in page}
    query = (
        sa.select(flavor_extra_specs)
        .where(flavor_extra_specs.c.flavorid.in_(specs))
        .order_by(flavor_extra_specs.c.key)
    )
    if page:
        for row in connection.execute(query):
            specs[row.flavorid][row.key] = row.value
    return [Flavor(**row._mapping, extra_specs=specs[row.flavorid]) for row in page]

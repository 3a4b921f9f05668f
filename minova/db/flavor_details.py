# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Details of flavors: extra specs, and the projects that may use a private flavor."""

from collections.abc import Mapping

import sqlalchemy as sa

from minova.db.connection.transactions import Transactions, question
from minova.db.tables import flavor_extra_specs as specs
from minova.db.tables import flavor_projects, flavors


class FlavorDetails(Transactions):
    @question
    def flavor_specs_set(self, flavorid: str, values: Mapping[str, str]) -> bool:
        """Add or replace extra specs; False if there is no such flavor."""
        with self._write() as connection:
            if not _hold(connection, flavorid):
                return False
            connection.execute(
                sa.delete(specs).where(
                    specs.c.flavorid == flavorid, specs.c.key.in_(values)
                )
            )
            rows = [
                {"flavorid": flavorid, "key": key, "value": value}
                for key, value in values.items()
            ]
            if rows:
                connection.execute(sa.insert(specs), rows)
        return True

    @question
    def flavor_spec_delete(self, flavorid: str, key: str) -> bool:
        with self._write() as connection:
            gone = connection.execute(
                sa.delete(specs).where(specs.c.flavorid == flavorid, specs.c.key == key)
            )
        return gone.rowcount == 1

    @question
    def flavor_access_list(self, flavorid: str) -> list[str]:
        """The projects that may use a private flavor."""
        query = (
            sa.select(flavor_projects.c.project_id)
            .where(flavor_projects.c.flavorid == flavorid)
            .order_by(flavor_projects.c.id)
        )
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    @question
    def flavor_access_add(self, flavorid: str, project_id: str) -> bool | None:
        """Let a project use a flavor.

        Returns:
            False if it may already, None if there is no such flavor.
        """
        with self._write() as connection:
            if not _hold(connection, flavorid):
                return None
            mine = _access(flavorid, project_id)
            known = connection.execute(sa.select(flavor_projects).where(mine)).first()
            if known is not None:
                return False
            connection.execute(
                sa.insert(flavor_projects).values(
                    flavorid=flavorid, project_id=project_id
                )
            )
        return True

    @question
    def flavor_access_remove(self, flavorid: str, project_id: str) -> bool:
        with self._write() as connection:
            gone = connection.execute(
                sa.delete(flavor_projects).where(_access(flavorid, project_id))
            )
        return gone.rowcount == 1


def _access(flavorid: str, project_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        flavor_projects.c.flavorid == flavorid,
        flavor_projects.c.project_id == project_id,
    )


def _hold(connection: sa.Connection, flavorid: str) -> bool:
    """Lock a flavor until the transaction ends; False if there is no such flavor."""
    query = sa.select(flavors.c.id).where(flavors.c.flavorid == flavorid)
    return connection.execute(query.with_for_update()).first() is not None

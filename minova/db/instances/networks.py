# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Subnets: each server with a NIC has one, until the server is deleted."""

from typing import Any, Final

import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.db import rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import instances, subnets
from minova.objects import network
from minova.objects.instance import Instance

_TRIES: Final = 20
"""How often to try another number, if another host was faster."""


class Networks(Transactions):
    def instance_prepare(
        self, instance_uuid: str, *, force_config_drive: bool
    ) -> Instance:
        """Give a server a NIC, if it wants one, and a config drive if its host says so.

        A second call changes nothing, because a build may be repeated.

        Raises:
            NoMoreNetworks: every subnet is taken.
            InstanceNotFound: the server is deleted.
        """
        for _ in range(_TRIES):
            try:
                return self._prepare(instance_uuid, force_config_drive)
            except oslo_db_exception.DBDuplicateEntry:
                continue  # another server took the same number
        raise exception.NoMoreNetworks

    @question
    def _prepare(self, instance_uuid: str, force_config_drive: bool) -> Instance:
        mine = sa.and_(instances.c.uuid == instance_uuid, rows.LIVING)
        query = sa.select(*rows.INSTANCE).where(mine)
        with self._write() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise exception.InstanceNotFound(instance_uuid)
            values: dict[str, Any] = {}
            if row.network_info is None:
                number = _take(connection, row.id, instance_uuid)
                values["network_info"] = [network.nic(number)]
            if force_config_drive and not row.config_drive:
                values["config_drive"] = True
            if values:
                connection.execute(
                    sa.update(instances)
                    .where(mine)
                    .values(**values, updated_at=utcnow())
                )
                row = connection.execute(query).one()
        return rows.to_instance(row)


def give_back(connection: sa.Connection, instance_uuid: str) -> None:
    connection.execute(
        sa.delete(subnets).where(subnets.c.instance_uuid == instance_uuid)
    )


def _take(connection: sa.Connection, instance_id: int, instance_uuid: str) -> int:
    """Take the number computed from the server's id, or the next free one.

    If two servers choose the same number, the primary key lets only one have it.
    """
    first = (instance_id - 1) % network.SUBNETS + 1
    number = _free(connection, first, network.SUBNETS) or _free(connection, 1, first)
    if number is None:
        raise exception.NoMoreNetworks
    connection.execute(
        sa.insert(subnets).values(number=number, instance_uuid=instance_uuid)
    )
    return number


def _free(connection: sa.Connection, first: int, last: int) -> int | None:
    """Find the first free number, in ranges that grow with each query."""
    count = 1
    while first <= last:
        end = min(first + count - 1, last)
        taken = set(
            connection.scalars(
                sa.select(subnets.c.number).where(subnets.c.number.between(first, end))
            )
        )
        for number in range(first, end + 1):
            if number not in taken:
                return number
        first, count = end + 1, count * 10
    return None

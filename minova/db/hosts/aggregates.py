# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Aggregates, and the availability zone that they give their hosts.

Nova's rules: a host is in one zone at a time, and stays there as long as it has
servers.  The host's row in ``compute_nodes`` stores the zone too, and changes in the
same transaction.  The UPDATE that places a server checks zone and room in this row.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.db import quotas, rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import aggregate_hosts, aggregates, compute_nodes, instances
from minova.objects.aggregate import ZONE_KEY, Aggregate

Refusal = Callable[[int, str], exception.MinovaError]
"""Makes the error for an aggregate and a reason."""

_LOCK: Final = "aggregates/"
_HAS_SERVERS: Final = (
    "The host cannot be {verb} the aggregate as the availability zone of the host "
    "would change from '{former}' to '{new}' but the host already has {count} "
    "instance(s). Changing the AZ of an existing instance is not supported by this "
    "action. Move the instances away from this host then try again. If you need to "
    "move the instances between AZs then you can use shelve_offload and unshelve to "
    "achieve this."
)


class Aggregates(Transactions):
    @question
    def aggregate_list(self) -> list[Aggregate]:
        """All aggregates, in the order of their creation."""
        with self._read_together() as connection:
            return _all(connection)

    @question
    def aggregate_create(self, name: str, metadata: Mapping[str, str]) -> Aggregate:
        """Insert an aggregate without hosts.

        Raises:
            AggregateNameExists: another aggregate has that name.
        """
        with self._write() as connection:
            quotas.lock(connection, _LOCK)
            _check_name(_all(connection), name)
            uuid = uuidutils.generate_uuid()
            connection.execute(
                sa.insert(aggregates).values(
                    uuid=uuid, name=name, metadata=dict(metadata), created_at=utcnow()
                )
            )
            return next(one for one in _all(connection) if one.uuid == uuid)

    @question
    def aggregate_change(
        self,
        aggregate_id: int,
        metadata: Mapping[str, str | None],
        refusal: Refusal,
        *,
        name: str | None = None,
    ) -> Aggregate:
        """Change an aggregate's name and metadata items (None removes an item).

        Raises:
            AggregateNotFound: no aggregate has that id.
            AggregateNameExists: another aggregate has that name.
            MinovaError: the error from ``refusal``, if its hosts may not be in the
                zone.
        """
        with self._write() as connection:
            quotas.lock(connection, _LOCK)
            _hold(connection, _hosts_of(connection, aggregate_id))
            everything = _all(connection)
            former = _find(everything, aggregate_id)
            if name not in (None, former.name):
                _check_name(everything, str(name))
            if ZONE_KEY in metadata:
                zone = metadata[ZONE_KEY]
                if not zone:
                    reason = (
                        f"Aggregate {name or former.name} does not support empty "
                        "named availability zone"
                    )
                    raise refusal(aggregate_id, reason)
                _check_zone(everything, former, zone, former.hosts, refusal)
                if zone != former.zone and _count_servers(connection, former.hosts):
                    reason = "One or more hosts contain instances in this zone"
                    raise refusal(aggregate_id, reason)
            changed = {**former.metadata, **metadata}
            values: dict[str, Any] = {
                "metadata": {k: v for k, v in changed.items() if v is not None},
                "name": name or former.name,
            }
            connection.execute(
                sa.update(aggregates)
                .where(aggregates.c.id == aggregate_id)
                .values(**values, updated_at=utcnow())
            )
            return _settle(connection, aggregate_id, former.hosts)

    @question
    def aggregate_delete(self, aggregate_id: int) -> None:
        """Delete an aggregate.

        Raises:
            AggregateNotFound: no aggregate has that id.
            AggregateNotEmpty: it has hosts.
        """
        with self._write() as connection:
            quotas.lock(connection, _LOCK)
            if _find(_all(connection), aggregate_id).hosts:
                raise exception.AggregateNotEmpty(aggregate_id)
            connection.execute(
                sa.delete(aggregates).where(aggregates.c.id == aggregate_id)
            )

    @question
    def aggregate_add_host(self, aggregate_id: int, host: str) -> Aggregate:
        """Add a host.

        Raises:
            ComputeHostNotFound: the host does not exist.
            AggregateNotFound: no aggregate has that id.
            CannotAddHost: the host is in another zone, or has servers and would change
                its zone.
            AggregateHostExists: the host is already in the aggregate.
        """
        with self._write() as connection:
            quotas.lock(connection, _LOCK)
            if host not in _hold(connection, [host]):
                raise exception.ComputeHostNotFound(host)
            everything = _all(connection)
            aggregate = _find(everything, aggregate_id)
            if aggregate.zone is not None:
                _check_zone(
                    everything,
                    aggregate,
                    aggregate.zone,
                    [host],
                    exception.CannotAddHost,
                )
                former = _zone_of(everything, host)
                reason = _why_it_stays(
                    connection, "added to", host, former, aggregate.zone
                )
                if reason is not None:
                    raise exception.CannotAddHost(aggregate_id, reason)
            if host in aggregate.hosts:
                raise exception.AggregateHostExists(aggregate_id, host)
            connection.execute(
                sa.insert(aggregate_hosts).values(aggregate_id=aggregate_id, host=host)
            )
            return _settle(connection, aggregate_id, [host])

    @question
    def aggregate_remove_host(self, aggregate_id: int, host: str) -> Aggregate:
        """Remove a host.

        Raises:
            AggregateHostNotFound: the host is not in the aggregate, or one of the two
                does not exist.
            CannotRemoveHost: the host has servers and would change its zone.
        """
        with self._write() as connection:
            quotas.lock(connection, _LOCK)
            _hold(connection, [host])
            everything = _all(connection)
            aggregate = next(
                (one for one in everything if one.id == aggregate_id), None
            )
            if aggregate is None or host not in aggregate.hosts:
                raise exception.AggregateHostNotFound(aggregate_id, host)
            if aggregate.zone is not None:
                others = [one for one in everything if one.id != aggregate_id]
                new = _zone_of(others, host)
                reason = _why_it_stays(
                    connection, "removed from", host, aggregate.zone, new
                )
                if reason is not None:
                    raise exception.CannotRemoveHost(aggregate_id, reason)
            connection.execute(
                sa.delete(aggregate_hosts).where(
                    aggregate_hosts.c.aggregate_id == aggregate_id,
                    aggregate_hosts.c.host == host,
                )
            )
            return _settle(connection, aggregate_id, [host])


def _all(connection: sa.Connection) -> list[Aggregate]:
    hosts: dict[int, list[str]] = {}
    for row in connection.execute(
        sa.select(aggregate_hosts).order_by(aggregate_hosts.c.id)
    ):
        hosts.setdefault(row.aggregate_id, []).append(row.host)
    query = sa.select(aggregates).order_by(aggregates.c.id)
    return [
        Aggregate(**row._mapping, hosts=tuple(hosts.get(row.id, ())))
        for row in connection.execute(query)
    ]


def _find(everything: Iterable[Aggregate], aggregate_id: int) -> Aggregate:
    for aggregate in everything:
        if aggregate.id == aggregate_id:
            return aggregate
    raise exception.AggregateNotFound(str(aggregate_id))


def _hosts_of(connection: sa.Connection, aggregate_id: int) -> list[str]:
    """Read an aggregate's hosts with a lock, so that MariaDB takes no snapshot yet."""
    query = (
        sa.select(aggregate_hosts.c.host)
        .where(aggregate_hosts.c.aggregate_id == aggregate_id)
        .with_for_update()
    )
    return list(connection.scalars(query))


def _hold(connection: sa.Connection, hosts: Collection[str]) -> list[str]:
    """Keep servers from being placed on these hosts until this transaction ends.

    After that, this transaction's reads on MariaDB see the last placed server.

    Returns:
        The hosts that exist.
    """
    query = (
        sa.select(compute_nodes.c.host)
        .where(compute_nodes.c.host.in_(hosts))
        .order_by(compute_nodes.c.host)
        .with_for_update()
    )
    return list(connection.scalars(query))


def _settle(
    connection: sa.Connection, aggregate_id: int, hosts: Collection[str]
) -> Aggregate:
    """Store the current zone of these hosts, and return the aggregate."""
    everything = _all(connection)
    for host in hosts:
        connection.execute(
            sa.update(compute_nodes)
            .where(compute_nodes.c.host == host)
            .values(availability_zone=_zone_of(everything, host))
        )
    return _find(everything, aggregate_id)


def _zone_of(everything: Iterable[Aggregate], host: str) -> str | None:
    """The zone that these aggregates give a host."""
    return next(
        (one.zone for one in everything if one.zone and host in one.hosts), None
    )


def _check_name(everything: Iterable[Aggregate], name: str) -> None:
    if any(one.name == name for one in everything):
        raise exception.AggregateNameExists(name)


def _check_zone(
    everything: Iterable[Aggregate],
    aggregate: Aggregate,
    zone: str,
    hosts: Sequence[str],
    refusal: Refusal,
) -> None:
    """Check that no other aggregate puts one of the hosts into another zone."""
    others = [
        one.zone
        for one in everything
        if one.zone not in (None, zone)
        and one.id != aggregate.id
        and set(hosts) & set(one.hosts)
    ]
    if others:
        reason = f"One or more hosts already in availability zone(s) {others}"
        raise refusal(aggregate.id, reason)


def _why_it_stays(
    connection: sa.Connection, verb: str, host: str, former: str | None, new: str | None
) -> str | None:
    """Why a host may not change its zone; None if it may, or if the zone stays."""
    count = 0 if former == new else _count_servers(connection, [host])
    if not count:
        return None
    return _HAS_SERVERS.format(verb=verb, former=former, new=new, count=count)


def _count_servers(connection: sa.Connection, hosts: Collection[str]) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(instances)
        .where(instances.c.host.in_(hosts), rows.LIVING)
    )
    return connection.execute(query).scalar_one()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hypervisors: the resources of each host, and how much its servers use."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from minova.db import rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.hosts.services import to_service
from minova.db.tables import compute_nodes, instances, services
from minova.objects.host import Hypervisor
from minova.objects.instance import name_of

_SERVICE: Final = [
    *(column.label(f"service_{column.name}") for column in services.c),
    rows.node_zone.label("service_zone"),
]
_OF_THE_ROW: Final = (
    *("id", "uuid", "host", "hypervisor_hostname", "hypervisor_type", "host_ip"),
    *("hypervisor_version", "uptime", "vcpus", "vcpus_used", "memory_mb", "local_gb"),
    "disk_available_least",
)


class Hypervisors(Transactions):
    @question
    def hypervisor_list(
        self,
        down_time: int,
        *,
        limit: int | None = None,
        after: int | None = None,
        name: str | None = None,
        with_servers: bool = False,
    ) -> list[Hypervisor]:
        """A page of hypervisors, in the order in which they first appeared.

        Args:
            after: the page starts after this id.
            name: a part of ``hypervisor_hostname``.
            with_servers: whether to include the servers of each hypervisor.
        """
        query = _query().order_by(compute_nodes.c.id).limit(limit)
        if after is not None:
            query = query.where(compute_nodes.c.id > after)
        if name is not None:
            hostname = compute_nodes.c.hypervisor_hostname
            query = query.where(hostname.contains(name, autoescape=True))
        with self._read_together() as connection:
            found = connection.execute(query).all()
            return _with_usage(connection, found, down_time, with_servers)

    @question
    def hypervisor_get(
        self, down_time: int, id_or_uuid: int | str, *, with_servers: bool = False
    ) -> Hypervisor | None:
        """Find a hypervisor by its number or its UUID."""
        key = "id" if isinstance(id_or_uuid, int) else "uuid"
        query = _query().where(compute_nodes.c[key] == id_or_uuid)
        with self._read_together() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            return _with_usage(connection, [row], down_time, with_servers)[0]


def _query() -> sa.Select[Any]:
    return sa.select(compute_nodes, *_SERVICE, utcnow().label("service_now")).join(
        services, services.c.host == compute_nodes.c.host
    )


class _ServiceOf:
    """The service's part of a joined row."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"service_{name}")


def _with_usage(
    connection: sa.Connection, found: Sequence[Any], down_time: int, with_servers: bool
) -> list[Hypervisor]:
    hosts = [row.host for row in found]
    usage = _usage(connection, hosts)
    servers = _servers(connection, hosts) if with_servers else {}
    return [
        Hypervisor(
            **{name: getattr(row, name) for name in _OF_THE_ROW},
            **usage.get(row.host, _NOTHING),
            cpu_info=row.cpu_info or {},
            memory_mb_used=row.memory_mb_reserved + row.memory_mb_used,
            service=to_service(_ServiceOf(row), down_time),
            servers=tuple(servers.get(row.host, ())),
        )
        for row in found
    ]


_NOTHING: Final[dict[str, Any]] = {
    "running_vms": 0,
    "current_workload": 0,
    "local_gb_used": 0,
}


def _usage(
    connection: sa.Connection, hosts: Sequence[str]
) -> dict[str, dict[str, Any]]:
    flavor = instances.c.flavor
    disk = sum(
        sa.func.coalesce(flavor[part].as_integer(), 0)
        for part in ("root_gb", "ephemeral_gb")
    )
    query = (
        sa.select(
            instances.c.host,
            sa.func.count().label("running_vms"),
            sa.func.count(instances.c.task_state).label("current_workload"),
            sa.func.sum(disk).label("local_gb_used"),
        )
        .where(instances.c.host.in_(hosts), rows.LIVING)
        .group_by(instances.c.host)
    )
    return {
        row.host: {name: int(getattr(row, name)) for name in _NOTHING}
        for row in connection.execute(query)
    }


def _servers(
    connection: sa.Connection, hosts: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    query = (
        sa.select(instances.c.host, instances.c.id, instances.c.uuid)
        .where(instances.c.host.in_(hosts), rows.LIVING)
        .order_by(instances.c.id)
    )
    servers: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(query):
        servers.setdefault(row.host, []).append((name_of(row.id), row.uuid))
    return servers

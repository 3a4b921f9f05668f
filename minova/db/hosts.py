# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: heartbeats, room, and who may get the next server."""

import datetime
from typing import Any

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova.db.declarative import utcnow
from minova.db.rows import compute_nodes, instances, services
from minova.db.transactions import Transactions, question
from minova.objects.flavor import Flavor
from minova.objects.host import HostState, Resources, Service

BINARY = "nova-compute"
"""What clients look for in ``os-services``."""


class Hosts(Transactions):
    """The questions about hosts."""

    @question
    def service_take(self, host: str, boot_id: str, down_time: int) -> bool:
        """Let a machine serve a host.

        Args:
            boot_id: of the machine that asks.
            down_time: seconds without a heartbeat after which a host is free.

        Returns:
            Whether it may: no other boot of a machine sent a heartbeat since.
        """
        with self._write() as connection:
            row = connection.execute(
                sa.select(services, utcnow().label("now"))
                .where(_of(host))
                .with_for_update()
            ).one_or_none()
            if row is None:
                return True
            if row.boot_id not in (None, boot_id) and _is_fresh(row, down_time):
                return False
            connection.execute(
                sa.update(services).where(_of(host)).values(boot_id=boot_id)
            )
        return True

    @question
    def service_leave(self, host: str, boot_id: str) -> None:
        """Free a host: another machine need not wait for the heartbeat to grow old."""
        with self._write() as connection:
            connection.execute(
                sa.update(services)
                .where(_of(host), services.c.boot_id == boot_id)
                .values(boot_id=None)
            )

    @question
    def service_report(self, host: str, boot_id: str | None = None) -> bool:
        """Store a heartbeat; the first one of a host makes its row.

        Returns:
            False when another machine took the host meanwhile; nothing is stored then.
        """
        mine = services.c.boot_id.is_(None) | (services.c.boot_id == boot_id)
        with self._write() as connection:
            known = connection.execute(
                sa.select(mine.label("mine")).where(_of(host)).with_for_update()
            ).one_or_none()
            if known is not None and boot_id is not None and not known.mine:
                return False
            values = {"boot_id": boot_id, "last_seen_up": utcnow()}
            if known is None:
                connection.execute(
                    sa.insert(services).values(
                        **values,
                        uuid=uuidutils.generate_uuid(),
                        host=host,
                        binary=BINARY,
                        report_count=1,
                        disabled=False,
                        forced_down=False,
                    )
                )
            else:
                connection.execute(
                    sa.update(services)
                    .where(_of(host))
                    .values(**values, report_count=services.c.report_count + 1)
                )
        return True

    @question
    def service_list(self, down_time: int) -> list[Service]:
        """Every service, in the order in which they first appeared."""
        query = sa.select(services, utcnow().label("now")).order_by(services.c.id)
        with self._read() as connection:
            return [_to_service(row, down_time) for row in connection.execute(query)]

    @question
    def compute_node_update(
        self, host: str, has: Resources, vcpus_limit: int, memory_mb_limit: int
    ) -> None:
        """Store what a host has; what it gave away stays as it is.

        The limits are what may be given away, ratio and reserve applied.
        """
        values = {
            "hypervisor_hostname": has.hypervisor_hostname,
            "hypervisor_type": has.hypervisor_type,
            "hypervisor_version": has.hypervisor_version,
            "vcpus": has.vcpus,
            "vcpus_limit": vcpus_limit,
            "memory_mb": has.memory_mb,
            "memory_mb_limit": memory_mb_limit,
            "local_gb": has.local_gb,
            "updated_at": utcnow(),
        }
        with self._write() as connection:
            known = connection.execute(
                sa.update(compute_nodes)
                .where(compute_nodes.c.host == host)
                .values(values)
            )
            if known.rowcount == 0:
                connection.execute(
                    sa.insert(compute_nodes).values(
                        **values,
                        uuid=uuidutils.generate_uuid(),
                        host=host,
                        vcpus_used=0,
                        memory_mb_used=0,
                    )
                )


def host_states(connection: sa.Connection, down_time: int) -> list[HostState]:
    """The hosts that may get a server: enabled, not forced down, alive."""
    query = sa.select(
        services.c.disabled,
        services.c.forced_down,
        services.c.last_seen_up,
        compute_nodes.c.host,
        compute_nodes.c.vcpus_limit,
        compute_nodes.c.vcpus_used,
        compute_nodes.c.memory_mb_limit,
        compute_nodes.c.memory_mb_used,
        utcnow().label("now"),
    ).join(compute_nodes, compute_nodes.c.host == services.c.host)
    return [
        HostState(
            host=row.host,
            vcpus_limit=row.vcpus_limit,
            vcpus_used=row.vcpus_used,
            memory_mb_limit=row.memory_mb_limit,
            memory_mb_used=row.memory_mb_used,
        )
        for row in connection.execute(query)
        if not row.disabled and _alive(row, down_time)
    ]


def take(connection: sa.Connection, host: str, flavor: Flavor) -> bool:
    """Give room on a host away, if it still has it.

    Compare-and-swap like the claim of a server: of two creates that saw the last room
    one UPDATE matches.
    """
    nodes = compute_nodes.c
    taken = connection.execute(
        sa.update(compute_nodes)
        .where(
            nodes.host == host,
            nodes.vcpus_used + flavor.vcpus <= nodes.vcpus_limit,
            nodes.memory_mb_used + flavor.memory_mb <= nodes.memory_mb_limit,
        )
        .values(
            vcpus_used=nodes.vcpus_used + flavor.vcpus,
            memory_mb_used=nodes.memory_mb_used + flavor.memory_mb,
        )
    )
    return taken.rowcount == 1


def give_back(connection: sa.Connection, instance_uuid: str) -> None:
    """Return the room of a server; belongs in the transaction that deletes it."""
    server = connection.execute(
        sa.select(instances.c.host, instances.c.vcpus, instances.c.memory_mb).where(
            instances.c.uuid == instance_uuid
        )
    ).one()
    nodes = compute_nodes.c
    connection.execute(
        sa.update(compute_nodes)
        .where(nodes.host == server.host)
        .values(
            vcpus_used=nodes.vcpus_used - server.vcpus,
            memory_mb_used=nodes.memory_mb_used - server.memory_mb,
        )
    )


def _of(host: str) -> Any:
    return sa.and_(services.c.host == host, services.c.binary == BINARY)


def _to_service(row: Any, down_time: int) -> Service:
    return Service(
        id=row.id,
        uuid=row.uuid,
        host=row.host,
        binary=row.binary,
        disabled=row.disabled,
        disabled_reason=row.disabled_reason,
        forced_down=row.forced_down,
        alive=_alive(row, down_time),
        last_seen_up=row.last_seen_up,
    )


def _alive(row: Any, down_time: int) -> bool:
    return not row.forced_down and _is_fresh(row, down_time)


def _is_fresh(row: Any, down_time: int) -> bool:
    if row.last_seen_up is None:
        return False
    return bool(row.now - row.last_seen_up <= datetime.timedelta(seconds=down_time))

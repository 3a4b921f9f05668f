# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: their room, and which of them may get the next server."""

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.hosts.services import is_alive
from minova.db.rows import node_zone
from minova.db.tables import compute_nodes, instances, services
from minova.objects.flavor import Flavor
from minova.objects.host import HostState, Resources


class Hosts(Transactions):
    @question
    def compute_node_update(
        self,
        host: str,
        has: Resources,
        vcpus_limit: int,
        memory_mb_limit: int,
        *,
        memory_mb_reserved: int = 0,
        host_ip: str | None = None,
    ) -> None:
        """Store the resources of a host.  The used amounts do not change.

        The limits already include the allocation ratio and the reserve.
        """
        values = {
            "hypervisor_hostname": has.hypervisor_hostname,
            "hypervisor_type": has.hypervisor_type,
            "hypervisor_version": has.hypervisor_version,
            "vcpus": has.vcpus,
            "vcpus_limit": vcpus_limit,
            "memory_mb": has.memory_mb,
            "memory_mb_limit": memory_mb_limit,
            "memory_mb_reserved": memory_mb_reserved,
            "local_gb": has.local_gb,
            "disk_available_least": has.disk_available_least,
            "host_ip": host_ip,
            "cpu_info": dict(has.cpu_info),
            "uptime": has.uptime,
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
        node_zone.label("zone"),
        utcnow().label("now"),
    ).join(compute_nodes, compute_nodes.c.host == services.c.host)
    return [
        HostState(
            host=row.host,
            vcpus_limit=row.vcpus_limit,
            vcpus_used=row.vcpus_used,
            memory_mb_limit=row.memory_mb_limit,
            memory_mb_used=row.memory_mb_used,
            zone=row.zone,
        )
        for row in connection.execute(query)
        if not row.disabled and is_alive(row, down_time)
    ]


def take(connection: sa.Connection, seen: HostState, flavor: Flavor) -> bool:
    """Take room on a host, if the room is still there and the zone is still the same.

    This is a compare-and-swap, like the claim of a server.  If two creates saw the last
    room, only one UPDATE matches.
    """
    nodes = compute_nodes.c
    taken = connection.execute(
        sa.update(compute_nodes)
        .where(
            nodes.host == seen.host,
            node_zone == seen.zone,
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
    """Return the room of a server, in the transaction that deletes the server."""
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

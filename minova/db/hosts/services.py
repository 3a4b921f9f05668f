# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Services: heartbeats, which hosts may get servers, and removing hosts."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any, Final

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.db import rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import aggregate_hosts, compute_nodes, instances, services
from minova.objects.host import Service

BINARY: Final = "nova-compute"
"""The name that clients look for in ``os-services``."""


class Services(Transactions):
    @question
    def service_take(self, host: str, boot_id: str, down_time: int) -> bool:
        """Let a machine serve a host.

        Args:
            boot_id: the boot id of the machine that asks.
            down_time: seconds without a heartbeat after which a host is free.

        Returns:
            False if another boot sent a heartbeat within ``down_time``.
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
        """Free a host, so another machine need not wait for ``down_time``."""
        with self._write() as connection:
            connection.execute(
                sa.update(services)
                .where(_of(host), services.c.boot_id == boot_id)
                .values(boot_id=None)
            )

    @question
    def service_report(
        self, host: str, boot_id: str | None = None, rpc_version: str | None = None
    ) -> bool:
        """Store a heartbeat.  The first heartbeat of a host creates its row.

        Args:
            rpc_version: the newest RPC version that the host understands.

        Returns:
            False if another machine took the host meanwhile.  Nothing is stored then.
        """
        mine = services.c.boot_id.is_(None) | (services.c.boot_id == boot_id)
        with self._write() as connection:
            known = connection.execute(
                sa.select(mine.label("mine")).where(_of(host)).with_for_update()
            ).one_or_none()
            if known is not None and boot_id is not None and not known.mine:
                return False
            values = {
                "boot_id": boot_id,
                "last_seen_up": utcnow(),
                "rpc_version": rpc_version,
            }
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
    def service_rpc_version(self, host: str) -> str | None:
        """The newest RPC version that a host understands; None if not reported."""
        query = sa.select(services.c.rpc_version).where(_of(host))
        with self._read() as connection:
            version: str | None = connection.scalar(query)
        return version

    @question
    def service_list(
        self, down_time: int, hosts: Collection[str] | None = None
    ) -> list[Service]:
        """All services, or those of some hosts, in the order they first appeared."""
        query = _ALL if hosts is None else _OF_HOSTS
        asked = {"of_hosts": list(hosts or ())}
        with self._read() as connection:
            found = connection.execute(query, asked)
            return [to_service(row, down_time) for row in found]

    @question
    def service_update(self, service_id: int, values: Mapping[str, Any]) -> bool:
        """Set ``disabled``, ``disabled_reason`` or ``forced_down``; False if gone."""
        mine = services.c.id == service_id
        with self._write() as connection:
            connection.execute(sa.update(services).where(mine).values(values))
            # MariaDB does not count a row that keeps its values.
            return (
                connection.execute(sa.select(services.c.id).where(mine)).first()
                is not None
            )

    @question
    def service_delete(self, service: Service) -> bool:
        """Delete a host with its service; False if it is already gone.

        The host's room is deleted first.  If a server is being placed on the host,
        either this delete or the placing waits, and then sees the other's result.  The
        host also leaves its aggregates.

        Raises:
            ServiceHasServers: the host has servers.  Nothing was changed.
        """
        servers = sa.select(instances.c.id).where(
            instances.c.host == service.host, rows.LIVING
        )
        with self._write() as connection:
            connection.execute(
                sa.delete(compute_nodes).where(compute_nodes.c.host == service.host)
            )
            if connection.execute(servers.limit(1)).first() is not None:
                raise exception.ServiceHasServers
            connection.execute(
                sa.delete(aggregate_hosts).where(aggregate_hosts.c.host == service.host)
            )
            gone = connection.execute(
                sa.delete(services).where(services.c.id == service.id)
            )
        return gone.rowcount == 1


# Built only once: a show by an admin asks for the service of the server's host.
_ALL: Final = (
    sa.select(services, rows.node_zone.label("zone"), utcnow().label("now"))
    .outerjoin(compute_nodes, compute_nodes.c.host == services.c.host)
    .order_by(services.c.id)
)
_OF_HOSTS: Final = _ALL.where(
    services.c.host.in_(sa.bindparam("of_hosts", expanding=True))
)


def to_service(row: Any, down_time: int) -> Service:
    return Service(
        id=row.id,
        uuid=row.uuid,
        host=row.host,
        binary=row.binary,
        disabled=row.disabled,
        disabled_reason=row.disabled_reason,
        forced_down=row.forced_down,
        alive=is_alive(row, down_time),
        last_seen_up=row.last_seen_up,
        zone=row.zone,
    )


def is_alive(row: Any, down_time: int) -> bool:
    """Whether the service of a row is alive.  The row needs a column ``now``."""
    return not row.forced_down and _is_fresh(row, down_time)


def _is_fresh(row: Any, down_time: int) -> bool:
    if row.last_seen_up is None:
        return False
    return bool(row.now - row.last_seen_up <= datetime.timedelta(seconds=down_time))


def _of(host: str) -> Any:
    return sa.and_(services.c.host == host, services.c.binary == BINARY)

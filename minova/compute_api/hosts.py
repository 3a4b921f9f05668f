# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: their services and hypervisors."""

from collections.abc import Sequence
from typing import Any

from oslo_log import log as logging

from minova import exception
from minova.db.api import Database
from minova.objects.host import Hypervisor, Service
from minova.objects.instance import Instance

LOG = logging.getLogger(__name__)


def zones_of(services: Sequence[Service]) -> tuple[list[str], list[str]]:
    """Return the zones that take servers, and the other zones.

    A zone takes servers if one of its hosts is enabled, even if that host is down.
    """
    available = {service.zone for service in services if not service.disabled}
    return sorted(available), sorted({service.zone for service in services} - available)


class HostAPI:
    def __init__(self, db: Database, service_down_time: int) -> None:
        self._db = db
        self._down_time = service_down_time

    def services(self) -> list[Service]:
        return self._db.service_list(self._down_time)

    def service(self, service_id: int | str) -> Service:
        """Find a service by its number or its UUID.

        Raises:
            ServiceNotFound: it does not exist.
        """
        for service in self.services():
            if service_id in (service.id, service.uuid):
                return service
        raise exception.ServiceNotFound(str(service_id))

    def service_of(self, host: str, binary: str) -> Service:
        """Find the service of a host.

        Raises:
            HostBinaryNotFound: it does not exist.
        """
        for service in self.services():
            if (service.host, service.binary) == (host, binary):
                return service
        raise exception.HostBinaryNotFound(binary, host)

    def update_service(self, service: Service, **values: Any) -> None:
        """Set ``disabled`` with ``disabled_reason``, or ``forced_down``.

        This only affects new servers.  The host itself goes on as before.

        Raises:
            ServiceNotFound: deleted meanwhile.
        """
        if not self._db.service_update(service.id, values):
            raise exception.ServiceNotFound(service.uuid)
        LOG.info("Changed the service of %s: %s", service.host, values)

    def delete_service(self, service: Service) -> None:
        """Delete a host's service.  The next heartbeat, if one comes, brings it back.

        Raises:
            ServiceHasServers: 409.
            ServiceNotFound: deleted meanwhile.
        """
        if not self._db.service_delete(service):
            raise exception.ServiceNotFound(service.uuid)
        LOG.info("Deleted the service of %s", service.host)

    def usage(self, host: str) -> tuple[Hypervisor, list[Instance]]:
        """Return a host's hypervisor and its servers.

        Raises:
            ComputeHostNotFound: no host has that name.
        """
        for node in self.hypervisors():
            if node.host == host:
                return node, self._db.instances_on(host)
        raise exception.ComputeHostNotFound(host)

    def set_host_enabled(self, host: str, enabled: bool) -> None:
        """Do nothing, like Nova's libvirt driver.  Use ``update_service``.

        Raises:
            ComputeHostNotFound: no host has that name.
        """
        LOG.info("%s host %s.", "Enabling" if enabled else "Disabling", host)
        self._check_host(host)

    def set_host_maintenance(self, host: str, mode: bool) -> None:
        """Refuse.

        Raises:
            ComputeHostNotFound: no host has that name.
            Unsupported: no driver here can do it.
        """
        LOG.info("Putting host %s in maintenance mode %s.", host, mode)
        self._check_host(host)
        raise exception.Unsupported

    def host_power_action(self, host: str) -> None:
        """Refuse, with the errors of ``set_host_maintenance``."""
        self._check_host(host)
        raise exception.Unsupported

    def _check_host(self, host: str) -> None:
        if all(service.host != host for service in self.services()):
            raise exception.ComputeHostNotFound(host)

    def hypervisors(
        self,
        *,
        limit: int | None = None,
        marker: int | str | None = None,
        name: str | None = None,
        with_servers: bool = False,
    ) -> list[Hypervisor]:
        """Return a page of hypervisors.

        Args:
            name: a part of the hypervisor's name; None matches all.

        Raises:
            MarkerNotFound: no hypervisor has that id.
        """
        after = None
        if marker is not None:
            found = self._db.hypervisor_get(self._down_time, marker)
            if found is None:
                raise exception.MarkerNotFound(str(marker))
            after = found.id
        return self._db.hypervisor_list(
            self._down_time,
            limit=limit,
            after=after,
            name=name,
            with_servers=with_servers,
        )

    def hypervisor(
        self, id_or_uuid: int | str, *, with_servers: bool = False
    ) -> Hypervisor | None:
        """Find a hypervisor by its number or its UUID."""
        return self._db.hypervisor_get(
            self._down_time, id_or_uuid, with_servers=with_servers
        )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of the compute hosts."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.hosts.hypervisors import HypervisorResource, HypervisorsResource
from minova.api.hosts.os_hosts import OsHostResource, OsHostsResource
from minova.api.hosts.services import (
    AvailabilityZonesResource,
    ServiceResource,
    ServicesResource,
)


def routes(backend: Backend) -> list[Route]:
    both = (backend.hosts, backend.enforcer)
    hypervisors = HypervisorsResource(*both, backend.max_limit)
    hypervisor = HypervisorResource(*both)
    zones = AvailabilityZonesResource(*both)
    one = "/v2.1/os-hypervisors/{hypervisor_id}"
    os_host = OsHostResource(*both)
    return [
        Route("/v2.1/os-services", ServicesResource(*both)),
        Route("/v2.1/os-services/{service_id}", ServiceResource(*both)),
        Route("/v2.1/os-availability-zone", zones),
        Route("/v2.1/os-availability-zone/detail", zones, "detail"),
        Route("/v2.1/os-hypervisors", hypervisors),
        Route("/v2.1/os-hypervisors/detail", hypervisors, "detail"),
        Route("/v2.1/os-hypervisors/statistics", hypervisors, "statistics"),
        Route(one, hypervisor),
        Route("/v2.1/os-hosts", OsHostsResource(*both)),
        Route("/v2.1/os-hosts/{host}", os_host),
        *(
            Route(f"/v2.1/os-hosts/{{host}}/{what}", os_host, what)
            for what in ("startup", "shutdown", "reboot")
        ),
        *(
            Route(f"{one}/{what}", hypervisor, what)
            for what in ("uptime", "search", "servers")
        ),
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The zone and, for admins, the host that POST /servers asks for."""

import dataclasses
from typing import Any, Final

from minova import exception
from minova.api.front.request import Request
from minova.compute_api.api import API
from minova.compute_api.hosts import HostAPI, zones_of
from minova.policy import Enforcer

_PARTS: Final = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The requested zone and host, or None.

    Attributes:
        forced: the host was named after the zone; then the zone need not exist.
    """

    zone: str | None
    host: str | None
    forced: bool


def read(req: Request, server: dict[str, Any], enforcer: Enforcer) -> Place:
    """Read ``zone:host:node``, or ``host`` and ``hypervisor_hostname``.

    Raises:
        Invalid: the host is named in two ways.
        PolicyNotAuthorized: the caller may not name a host.
    """
    zone, forced = _zone_and_host(server.get("availability_zone"))
    if forced is not None:
        enforcer.authorize(req.caller, "os_compute_api:servers:create:forced_host")
    host = server.get("host")
    node = server.get("hypervisor_hostname")
    if host is not None or node is not None:
        enforcer.authorize(req.caller, "compute:servers:create:requested_destination")
        if forced is not None:
            raise exception.Invalid(
                "One mechanism with host and/or hypervisor_hostname and another "
                "mechanism with zone:host:node are mutually exclusive."
            )
    return Place(zone=zone, host=forced or host or node, forced=forced is not None)


def in_zone(place: Place, hosts: HostAPI) -> Place:
    """Return the place, if its zone takes servers.

    With a forced host, an unknown zone is dropped.

    Raises:
        Invalid: the zone does not exist, or no host in it takes servers.
    """
    if place.zone is None or place.zone in zones_of(hosts.services())[0]:
        return place
    if place.forced:
        return dataclasses.replace(place, zone=None)
    raise exception.Invalid("The requested availability zone is not available")


def check_destination(server: dict[str, Any], compute_api: API) -> None:
    """Check that ``host`` and ``hypervisor_hostname`` name one existing host.

    Raises:
        Invalid: no such host.
    """
    host, node = server.get("host"), server.get("hypervisor_hostname")
    asked = [name for name in (host, node) if name is not None]
    known = compute_api.host_statuses(asked) if asked else {}
    for name in asked:
        if name not in known:
            raise exception.Invalid(f"Compute host {name} could not be found.")
    if None not in (host, node) and host != node:
        raise exception.Invalid(f"Compute host {node} could not be found.")


def _zone_and_host(asked: str | None) -> tuple[str | None, str | None]:
    """Split ``nova:host:node``; here a node has the name of its host.

    Raises:
        Invalid: there are more parts than these.
    """
    if asked is None:
        return None, None
    zone, *parts = asked.split(":")
    if len(parts) >= _PARTS:
        raise exception.Invalid(
            "Invalid input received: Unable to parse availability_zone"
        )
    names = [part for part in parts if part]
    return zone or None, names[-1] if names else None

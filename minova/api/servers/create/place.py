# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Where POST /servers wants a server: a zone, and of admins a host."""

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
    """None is no wish.

    Attributes:
        forced: the host is named behind the zone, which then need not be there.
    """

    zone: str | None
    host: str | None
    forced: bool


def read(req: Request, server: dict[str, Any], enforcer: Enforcer) -> Place:
    """Read ``availability_zone``, as ``zone:host:node``, ``host`` and its other name.

    Raises:
        Invalid: a host named in two ways.
        PolicyNotAuthorized: a host of somebody who is no admin.
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
    """The place, if servers may be made in its zone.

    Beside a host that is forced, the name of a zone that there is not says nothing.

    Raises:
        Invalid: there is no such zone, or nobody in it takes servers.
    """
    if place.zone is None or place.zone in zones_of(hosts.services())[0]:
        return place
    if place.forced:
        return dataclasses.replace(place, zone=None)
    raise exception.Invalid("The requested availability zone is not available")


def check_destination(server: dict[str, Any], compute_api: API) -> None:
    """Pass if ``host`` and ``hypervisor_hostname`` are one that is there.

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
    """``nova``, ``nova:host`` or ``nova:host:node``; a node has its host's name here.

    Raises:
        Invalid: more parts than these.
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

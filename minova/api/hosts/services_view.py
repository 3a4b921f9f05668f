# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The daemons, and the zone they are in."""

from collections.abc import Iterable
from typing import Any

from minova.api.answers.times import micros
from minova.api.front.request import Request
from minova.compute_api.hosts import ZONE
from minova.objects.host import Service


def service(req: Request, listed: Service) -> dict[str, Any]:
    shown = {
        "binary": listed.binary,
        "host": listed.host,
        "id": listed.uuid if req.version >= (2, 53) else listed.id,
        "zone": ZONE,
        "status": status(listed),
        "state": state(listed),
        "updated_at": micros(listed.last_seen_up),
        "disabled_reason": listed.disabled_reason,
    }
    if req.version >= (2, 11):
        shown["forced_down"] = listed.forced_down
    return shown


def status(listed: Service) -> str:
    return "disabled" if listed.disabled else "enabled"


def state(listed: Service) -> str:
    return "up" if listed.alive else "down"


def zones(services: Iterable[Service], *, hosts_shown: bool) -> dict[str, Any]:
    """The one zone, available as long as a host of it is enabled; none without a host.

    Args:
        hosts_shown: whether its enabled hosts are listed (admins).
    """
    listed = list(services)
    if not listed:
        return {"availabilityZoneInfo": []}
    hosts = {
        one.host: {one.binary: _in_zone(one)} for one in listed if not one.disabled
    }
    zone = {
        "zoneName": ZONE,
        "zoneState": {"available": bool(hosts)},
        "hosts": hosts if hosts_shown and hosts else None,
    }
    return {"availabilityZoneInfo": [zone]}


def _in_zone(listed: Service) -> dict[str, Any]:
    return {
        "available": listed.alive,
        "active": not listed.disabled,
        "updated_at": micros(listed.last_seen_up),
    }

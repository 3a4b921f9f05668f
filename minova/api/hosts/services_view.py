# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Services and availability zones as JSON."""

from collections.abc import Sequence
from typing import Any

from minova.api.answers.times import micros
from minova.api.front.request import Request
from minova.compute_api.hosts import zones_of
from minova.objects.host import Service


def service(req: Request, listed: Service) -> dict[str, Any]:
    shown = {
        "binary": listed.binary,
        "host": listed.host,
        "id": listed.uuid if req.version >= (2, 53) else listed.id,
        "zone": listed.zone,
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


def zones(services: Sequence[Service], *, hosts_shown: bool) -> list[dict[str, Any]]:
    """Show the zones that take servers, then the others.

    Args:
        hosts_shown: whether to list the enabled hosts of each zone (for admins).
    """
    available, others = zones_of(services)
    return [
        {
            "zoneName": name,
            "zoneState": {"available": name in available},
            "hosts": _hosts(name, services)
            if hosts_shown and name in available
            else None,
        }
        for name in (*available, *others)
    ]


def _hosts(zone: str, services: Sequence[Service]) -> dict[str, Any]:
    return {
        one.host: {one.binary: _in_zone(one)}
        for one in services
        if one.zone == zone and not one.disabled
    }


def _in_zone(listed: Service) -> dict[str, Any]:
    return {
        "available": listed.alive,
        "active": not listed.disabled,
        "updated_at": micros(listed.last_seen_up),
    }

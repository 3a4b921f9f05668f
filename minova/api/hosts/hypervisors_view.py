# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hypervisors as JSON."""

import json
from collections.abc import Sequence
from typing import Any, Final

from minova.api.front.request import Request
from minova.api.hosts.services_view import state, status
from minova.objects.host import Hypervisor

_ROOM: Final = (
    *("vcpus", "memory_mb", "local_gb", "vcpus_used", "memory_mb_used"),
    *("local_gb_used", "free_ram_mb", "free_disk_gb", "current_workload"),
    *("running_vms", "disk_available_least"),
)
"""Shown until 2.87; since then clients ask Placement."""


def basic(
    req: Request, hypervisor: Hypervisor, *, with_servers: bool = False
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": hypervisor.uuid if req.version >= (2, 53) else hypervisor.id,
        "hypervisor_hostname": hypervisor.hypervisor_hostname,
        "state": state(hypervisor.service),
        "status": status(hypervisor.service),
    }
    return shown | _servers(req, hypervisor, with_servers)


def detail(
    req: Request, hypervisor: Hypervisor, *, with_servers: bool = False
) -> dict[str, Any]:
    shown = basic(req, hypervisor)
    for name in ("hypervisor_type", "hypervisor_version", "host_ip"):
        shown[name] = getattr(hypervisor, name)
    service = hypervisor.service
    shown["service"] = {
        "id": service.uuid if req.version >= (2, 53) else service.id,
        "host": hypervisor.host,
        "disabled_reason": service.disabled_reason,
    }
    if req.version < (2, 88):
        shown |= {name: getattr(hypervisor, name) for name in _ROOM}
        info = dict(hypervisor.cpu_info)
        shown["cpu_info"] = info if req.version >= (2, 28) else json.dumps(info)
    else:
        shown["uptime"] = hypervisor.uptime if service.alive else None
    return shown | _servers(req, hypervisor, with_servers)


def statistics(hypervisors: Sequence[Hypervisor]) -> dict[str, Any]:
    """Sum over the enabled hosts, as in Nova."""
    counted = [one for one in hypervisors if not one.service.disabled]
    return {
        "count": len(counted),
        **{
            name: sum(getattr(one, name) or 0 for one in counted)
            for name in sorted(_ROOM)
        },
    }


def _servers(
    req: Request, hypervisor: Hypervisor, with_servers: bool
) -> dict[str, Any]:
    """Show the servers of a hypervisor; an empty list is left out until 2.74."""
    if not with_servers or (not hypervisor.servers and req.version < (2, 75)):
        return {}
    return {
        "servers": [{"name": name, "uuid": uuid} for name, uuid in hypervisor.servers]
    }

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from minova.api.request import Request
from minova.api.views.links import bookmark, links
from minova.api.views.times import micros, seconds
from minova.compute.task_states import TaskState
from minova.compute.vm_states import VMState
from minova.objects.instance import Fault, Instance

_STATUS: Final = {
    VMState.ACTIVE: "ACTIVE",
    VMState.BUILDING: "BUILD",
    VMState.PAUSED: "PAUSED",
    VMState.STOPPED: "SHUTOFF",
    VMState.ERROR: "ERROR",
    VMState.DELETED: "DELETED",
}
# The code of faults whose details are for admins only.
_UNEXPECTED: Final = 500
_WITH_PROGRESS: Final = {"ACTIVE", "BUILD"}


def status(vm_state: VMState, task_state: TaskState | None) -> str:
    """What a user sees: ``pausing`` is still ACTIVE, as in Nova."""
    return _STATUS[vm_state]


def vm_states_of(statuses: Iterable[str]) -> frozenset[VMState]:
    """The states behind statuses; none behind one that does not exist."""
    wanted = {text.upper() for text in statuses}
    return frozenset(state for state, name in _STATUS.items() if name in wanted)


def basic(req: Request, instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "name": instance.display_name,
        "links": links(req, f"servers/{instance.uuid}"),
    }


def created(req: Request, instance: Instance, admin_password: str) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "links": links(req, f"servers/{instance.uuid}"),
        "OS-DCF:diskConfig": instance.disk_config,
        "security_groups": [{"name": "default"}],
        "adminPass": admin_password,
    }


def detail(req: Request, instance: Instance, *, host_shown: bool) -> dict[str, Any]:
    """One server.

    Args:
        host_shown: whether the caller may see where it runs (admins).
    """
    shown_status = status(instance.vm_state, instance.task_state)
    server: dict[str, Any] = {
        "accessIPv4": instance.access_ip_v4 or "",
        "accessIPv6": instance.access_ip_v6 or "",
        "addresses": {},
        "created": seconds(instance.created_at),
        "flavor": {
            "id": instance.flavor.flavorid,
            "links": bookmark(req, f"flavors/{instance.flavor.flavorid}"),
        },
        "hostId": _host_id(instance),
        "id": instance.uuid,
        "image": {
            "id": instance.image_ref,
            "links": bookmark(req, f"images/{instance.image_ref}"),
        },
        "links": links(req, f"servers/{instance.uuid}"),
        "metadata": dict(instance.metadata),
        "name": instance.display_name,
        "status": shown_status,
        "tenant_id": instance.project_id,
        "user_id": instance.user_id,
        "updated": seconds(instance.updated_at),
    }
    if instance.fault is not None:
        server["fault"] = _fault(instance.fault, details_shown=host_shown)
    server["OS-DCF:diskConfig"] = instance.disk_config
    if shown_status in _WITH_PROGRESS:
        server["progress"] = 0
    server |= {
        "OS-EXT-AZ:availability_zone": instance.availability_zone or "",
        "config_drive": "True" if instance.config_drive else "",
        "key_name": instance.key_name,
        "OS-SRV-USG:launched_at": micros(instance.launched_at),
        "OS-SRV-USG:terminated_at": micros(instance.terminated_at),
    }
    if host_shown:
        server |= {
            "OS-EXT-SRV-ATTR:host": instance.host,
            "OS-EXT-SRV-ATTR:instance_name": instance.name,
            "OS-EXT-SRV-ATTR:hypervisor_hostname": instance.host,
        }
    server |= {
        "OS-EXT-STS:task_state": instance.task_state,
        "OS-EXT-STS:vm_state": instance.vm_state,
        "OS-EXT-STS:power_state": int(instance.power_state),
        "os-extended-volumes:volumes_attached": [],
    }
    return server


def _host_id(instance: Instance) -> str:
    """A name for the host that tells two apart and nothing else, for each project."""
    if instance.host is None:
        return ""
    return hashlib.sha224(f"{instance.project_id}{instance.host}".encode()).hexdigest()


def _fault(fault: Fault, *, details_shown: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": fault.code,
        "created": seconds(fault.created_at),
        "message": fault.message,
    }
    if fault.details and (details_shown or fault.code != _UNEXPECTED):
        shown["details"] = fault.details
    return shown

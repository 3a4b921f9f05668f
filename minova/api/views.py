# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Plain data → JSON, in Nova's shape and order at 2.1."""

import datetime
import hashlib
from collections.abc import Iterable
from typing import Any, Final

from minova.api.request import Request
from minova.compute.task_states import TaskState
from minova.compute.vm_states import VMState
from minova.objects.action_record import ActionRecord, Event
from minova.objects.flavor import Flavor
from minova.objects.host import Service
from minova.objects.image import Image
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


def links(req: Request, path: str) -> list[dict[str, str]]:
    return [
        {"rel": "self", "href": req.link(path)},
        {"rel": "bookmark", "href": req.bookmark(path)},
    ]


def _bookmark(req: Request, path: str) -> list[dict[str, str]]:
    return [{"rel": "bookmark", "href": req.bookmark(path)}]


def _seconds(time: datetime.datetime | None) -> str | None:
    """``2026-11-22T20:27:23Z``."""
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _micros(time: datetime.datetime | None) -> str | None:
    """``2026-11-22T20:27:23.000000``: Nova's rows hold whole seconds."""
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%S}.000000"


def server_basic(req: Request, instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "name": instance.display_name,
        "links": links(req, f"servers/{instance.uuid}"),
    }


def server_created(
    req: Request, instance: Instance, admin_password: str
) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "links": links(req, f"servers/{instance.uuid}"),
        "OS-DCF:diskConfig": instance.disk_config,
        "security_groups": [{"name": "default"}],
        "adminPass": admin_password,
    }


def server_detail(
    req: Request, instance: Instance, *, host_shown: bool
) -> dict[str, Any]:
    """One server.

    Args:
        host_shown: whether the caller may see where it runs (admins).
    """
    shown_status = status(instance.vm_state, instance.task_state)
    server: dict[str, Any] = {
        "accessIPv4": instance.access_ip_v4 or "",
        "accessIPv6": instance.access_ip_v6 or "",
        "addresses": {},
        "created": _seconds(instance.created_at),
        "flavor": {
            "id": instance.flavor.flavorid,
            "links": _bookmark(req, f"flavors/{instance.flavor.flavorid}"),
        },
        "hostId": _host_id(instance),
        "id": instance.uuid,
        "image": {
            "id": instance.image_ref,
            "links": _bookmark(req, f"images/{instance.image_ref}"),
        },
        "links": links(req, f"servers/{instance.uuid}"),
        "metadata": dict(instance.metadata),
        "name": instance.display_name,
        "status": shown_status,
        "tenant_id": instance.project_id,
        "user_id": instance.user_id,
        "updated": _seconds(instance.updated_at),
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
        "OS-SRV-USG:launched_at": _micros(instance.launched_at),
        "OS-SRV-USG:terminated_at": _micros(instance.terminated_at),
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
        "created": _seconds(fault.created_at),
        "message": fault.message,
    }
    if fault.details and (details_shown or fault.code != _UNEXPECTED):
        shown["details"] = fault.details
    return shown


def flavor_basic(req: Request, flavor: Flavor) -> dict[str, Any]:
    return {
        "id": flavor.flavorid,
        "name": flavor.name,
        "links": links(req, f"flavors/{flavor.flavorid}"),
    }


def flavor_detail(req: Request, flavor: Flavor) -> dict[str, Any]:
    return {
        "id": flavor.flavorid,
        "name": flavor.name,
        "ram": flavor.memory_mb,
        "disk": flavor.root_gb,
        "swap": flavor.swap or "",
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
        "OS-FLV-DISABLED:disabled": flavor.disabled,
        "vcpus": flavor.vcpus,
        "os-flavor-access:is_public": flavor.is_public,
        "rxtx_factor": flavor.rxtx_factor,
        "links": links(req, f"flavors/{flavor.flavorid}"),
    }


def image_basic(req: Request, image: Image) -> dict[str, Any]:
    alternate = {
        "rel": "alternate",
        "type": "application/vnd.openstack.image",
        "href": req.bookmark(f"images/{image.id}"),
    }
    return {
        "id": image.id,
        "name": image.name,
        "links": [*links(req, f"images/{image.id}"), alternate],
    }


def image_detail(req: Request, image: Image) -> dict[str, Any]:
    basic = image_basic(req, image)
    return {
        "id": image.id,
        "name": image.name,
        "minRam": image.min_ram,
        "minDisk": image.min_disk,
        "metadata": dict(image.properties),
        "created": _seconds(image.created_at),
        "updated": _seconds(image.updated_at),
        "status": "ACTIVE",
        "progress": 100,
        "OS-EXT-IMG-SIZE:size": image.size,
        "links": basic["links"],
    }


def action(record: ActionRecord) -> dict[str, Any]:
    return {
        "action": record.action,
        "instance_uuid": record.instance_uuid,
        "request_id": record.request_id,
        "user_id": record.user_id,
        "project_id": record.project_id,
        "start_time": _micros(record.start_time),
        "message": record.message,
    }


def event(happened: Event) -> dict[str, Any]:
    return {
        "event": happened.event,
        "start_time": _micros(happened.start_time),
        "finish_time": _micros(happened.finish_time),
        "result": happened.result,
        "traceback": happened.traceback,
    }


def service(listed: Service) -> dict[str, Any]:
    return {
        "binary": listed.binary,
        "host": listed.host,
        "id": listed.id,
        "zone": "nova",
        "status": "disabled" if listed.disabled else "enabled",
        "state": "up" if listed.alive else "down",
        "updated_at": _micros(listed.last_seen_up),
        "disabled_reason": listed.disabled_reason,
    }

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers as JSON at each version; the order of the keys is Nova's too."""

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from minova.api.answers.links import bookmark, links
from minova.api.answers.times import micros, seconds
from minova.api.front.request import Request
from minova.api.images import properties as image_properties
from minova.api.servers.addresses.view import addresses
from minova.api.servers.status import status
from minova.objects.instance import Fault, Instance
from minova.vocabulary.vm_states import VMState

# Only admins see the details of a fault with this code.
_UNEXPECTED: Final = 500
_WITH_PROGRESS: Final = {"ACTIVE", "BUILD", "REBUILD"}
_ROOT_DEVICE: Final = "/dev/vda"
_HIDDEN: Final = object()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The parts of an answer that do not come from the rows of its servers.

    Attributes:
        host: whether to show the host (``os-extended-server-attributes``).
        host_statuses: host → status; nothing is shown for other hosts.
        tags: the UUID of a server → its tags.
        extra_specs: whether to show the extra specs of the flavor.
        groups: the groups of one server; None in a list, which does not show groups.
        whole: False leaves out the keys that Nova's PUT left out before 2.75.
    """

    host: bool
    host_statuses: Mapping[str, str] | None = None
    tags: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    extra_specs: bool = True
    groups: Sequence[str] | None = None
    whole: bool = True


def basic(req: Request, instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "name": instance.display_name,
        "links": links(req, f"servers/{instance.uuid}"),
    }


def created(
    req: Request,
    instance: Instance,
    admin_password: str,
    security_groups: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    return {
        "id": instance.uuid,
        "links": links(req, f"servers/{instance.uuid}"),
        "OS-DCF:diskConfig": instance.disk_config,
        "security_groups": security_groups,
        "adminPass": admin_password,
    }


def detail(req: Request, instance: Instance, shown: Shown) -> dict[str, Any]:
    server = _core(req, instance, shown)
    if shown.whole:
        server |= {
            "OS-EXT-AZ:availability_zone": instance.availability_zone or "",
            "config_drive": "True" if instance.config_drive else "",
            "key_name": instance.key_name,
            "OS-SRV-USG:launched_at": micros(instance.launched_at),
            "OS-SRV-USG:terminated_at": micros(instance.terminated_at),
        }
        if shown.host:
            server |= _extended(req, instance)
        server |= {
            "OS-EXT-STS:task_state": instance.task_state,
            "OS-EXT-STS:vm_state": instance.vm_state,
            "OS-EXT-STS:power_state": int(instance.power_state),
            "os-extended-volumes:volumes_attached": [],
        }
    return server | _later(req, instance, shown)


def rebuilding(
    req: Request, instance: Instance, shown: Shown, admin_password: str
) -> dict[str, Any]:
    """Show one server in the answer to its rebuild."""
    server = detail(req, instance, shown)
    if req.version >= (2, 54):
        server["key_name"] = instance.key_name
    server["adminPass"] = admin_password
    if req.version >= (2, 57):
        server.pop("OS-EXT-SRV-ATTR:user_data", None)
        server["user_data"] = instance.user_data
    return server


def _core(req: Request, instance: Instance, shown: Shown) -> dict[str, Any]:
    shown_status = status(
        instance.vm_state, instance.task_state, deleted=instance.deleted
    )
    server: dict[str, Any] = {
        "accessIPv4": instance.access_ip_v4 or "",
        "accessIPv6": instance.access_ip_v6 or "",
        # Hidden while the server is being built.
        "addresses": {}
        if instance.vm_state is VMState.BUILDING
        else addresses(instance, extended=shown.whole),
        "created": seconds(instance.created_at),
        "flavor": _flavor(req, instance, shown),
        "hostId": host_id(instance.project_id, instance.host),
        "id": instance.uuid,
        "image": _image(req, instance),
        "links": links(req, f"servers/{instance.uuid}"),
        "metadata": dict(instance.metadata),
        "name": instance.display_name,
        "status": shown_status,
        "tenant_id": instance.project_id,
        "user_id": instance.user_id,
        "updated": seconds(instance.updated_at),
    }
    if shown_status == "ERROR" and instance.fault is not None:
        server["fault"] = _fault(
            instance.fault, details_shown=bool(req.caller.is_admin)
        )
    server["OS-DCF:diskConfig"] = instance.disk_config
    if shown_status in _WITH_PROGRESS:
        server["progress"] = 0
    return server


def _flavor(req: Request, instance: Instance, shown: Shown) -> dict[str, Any]:
    flavor = instance.flavor
    if req.version < (2, 47):
        return {
            "id": flavor.flavorid,
            "links": bookmark(req, f"flavors/{flavor.flavorid}"),
        }
    embedded: dict[str, Any] = {
        "vcpus": flavor.vcpus,
        "ram": flavor.memory_mb,
        "disk": flavor.root_gb,
        "ephemeral": flavor.ephemeral_gb,
        "swap": flavor.swap,
        "original_name": flavor.name,
    }
    if shown.extra_specs:
        embedded["extra_specs"] = dict(flavor.extra_specs)
    return embedded


def _image(req: Request, instance: Instance) -> dict[str, Any]:
    image: dict[str, Any] = {
        "id": instance.image_ref,
        "links": bookmark(req, f"images/{instance.image_ref}"),
    }
    if req.version >= (2, 98):
        image["properties"] = image_properties.standard(instance.image_properties or {})
    return image


def _extended(req: Request, instance: Instance) -> dict[str, Any]:
    """The ``OS-EXT-SRV-ATTR`` keys, for admins."""
    prefix = "OS-EXT-SRV-ATTR"
    extended: dict[str, Any] = {
        f"{prefix}:host": instance.host,
        f"{prefix}:instance_name": instance.name,
        f"{prefix}:hypervisor_hostname": instance.host,
    }
    if req.version >= (2, 3):
        properties = instance.image_properties or {}
        extended |= {
            f"{prefix}:hostname": instance.hostname,
            f"{prefix}:kernel_id": properties.get("kernel_id", ""),
            f"{prefix}:launch_index": instance.launch_index,
            f"{prefix}:ramdisk_id": properties.get("ramdisk_id", ""),
            f"{prefix}:reservation_id": instance.reservation_id,
            f"{prefix}:root_device_name": _ROOT_DEVICE if instance.host else None,
            f"{prefix}:user_data": instance.user_data,
        }
    return extended


def _host_status(instance: Instance, shown: Shown) -> Any:
    statuses = shown.host_statuses if shown.whole else None
    # The service of a deleted server's host no longer matters.
    host = "" if instance.deleted else instance.host or ""
    return (statuses or {}).get(host, _HIDDEN)


# Keys that came after 2.1, in Nova's order.
_LATER: Final[tuple[tuple[tuple[int, int], str, Callable[..., Any]], ...]] = (
    ((2, 9), "locked", lambda instance, _: instance.locked),
    ((2, 16), "host_status", _host_status),
    ((2, 19), "description", lambda instance, _: instance.display_description),
    ((2, 26), "tags", lambda instance, shown: list(shown.tags.get(instance.uuid, ()))),
    ((2, 63), "trusted_image_certificates", lambda instance, _: instance.trusted_certs),
    (
        (2, 71),
        "server_groups",
        lambda _, shown: _HIDDEN if shown.groups is None else list(shown.groups),
    ),
    ((2, 73), "locked_reason", lambda instance, _: instance.locked_reason),
    (
        (2, 90),
        "OS-EXT-SRV-ATTR:hostname",
        lambda instance, shown: _HIDDEN if shown.host else instance.hostname,
    ),
    (
        (2, 96),
        "pinned_availability_zone",
        lambda instance, _: instance.pinned_availability_zone,
    ),
    ((2, 100), "scheduler_hints", lambda instance, _: _hints(instance)),
)


def _hints(instance: Instance) -> dict[str, list[Any]]:
    """Show each hint as a list, because Nova stores it as one."""
    return {
        name: hint if isinstance(hint, list) else [hint]
        for name, hint in (instance.scheduler_hints or {}).items()
    }


def _later(req: Request, instance: Instance, shown: Shown) -> dict[str, Any]:
    values = ((key, value_of(instance, shown)) for key, value_of in _since(req.version))
    return {key: value for key, value in values if value is not _HIDDEN}


@functools.cache
def _since(version: tuple[int, int]) -> list[tuple[str, Callable[..., Any]]]:
    return [(key, value_of) for since, key, value_of in _LATER if version >= since]


# OpenSSL takes 2 % of a show to begin a hash (measured).
@functools.lru_cache(maxsize=1024)
def host_id(project_id: str, host: str | None) -> str:
    """Return an opaque id of a host, different for each project."""
    if not host:
        return ""
    return hashlib.sha224(f"{project_id}{host}".encode()).hexdigest()


def _fault(fault: Fault, *, details_shown: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": fault.code,
        "created": seconds(fault.created_at),
        "message": fault.message,
    }
    if fault.details and (details_shown or fault.code != _UNEXPECTED):
        shown["details"] = fault.details
    return shown

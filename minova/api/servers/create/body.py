# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the body of POST /servers."""

import contextlib
import dataclasses
import secrets
import string
from collections.abc import Sequence
from typing import Any, Final
from urllib import parse

from oslo_utils import strutils, uuidutils

from minova import exception
from minova.api.backend import Backend
from minova.api.front.request import Request
from minova.api.servers.create import host_names
from minova.api.servers.create import place as server_place
from minova.api.servers.create.devices import (
    check_networks,
    has_mappings,
    image_id,
    refuse_networks,
)
from minova.compute_api import admin_passwords
from minova.compute_api.keypairs import KeypairAPI
from minova.images import bootable
from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import NewInstance
from minova.objects.network import short_address

MAX_SERVERS: Final = 100
"""How many servers one request may ask for."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked request, for one server or more."""

    servers: list[NewInstance]
    admin_password: str
    reservation_id_wanted: bool
    min_count: int


def read(req: Request, body: dict[str, Any], backend: Backend) -> Asked:
    """Read a body that fits its schema; the order of the checks is Nova's.

    Raises:
        Invalid: an image, a flavor or another thing does not exist; the texts are
            Nova's.
        MetadataLimitExceeded, OnsetFileLimitExceeded, OnsetFilePathLimitExceeded,
            OnsetFileContentLimitExceeded: the body exceeds the project's quota.
        PolicyNotAuthorized: the caller may not ask for all that the body has.
        ZeroDiskFlavor: only admins may use such a flavor.
    """
    server = body["server"]
    min_count, count = _counts(server)
    if server.get("trusted_image_certificates"):
        _authorize(req, backend, "trusted_certs")
    place = server_place.read(req, server, backend.enforcer)
    if has_mappings(server):
        _authorize(req, backend, "attach_volume")
    image_ref = image_id(server)
    check_networks(server.get("networks", []))
    if server.get("networks", "none") not in ("none", []):
        _authorize(req, backend, "attach_network")
    flavor = _flavor(req, server, backend)
    if "hostname" in server and count > 1:
        raise exception.Invalid(
            "Unable to allocate a single hostname to multiple instances"
        )
    place = server_place.in_zone(place, backend.hosts)
    image = _image(req, image_ref, backend)
    _refuse_what_is_not_there(server)
    key_data = _key_data(req, server, backend.keypairs)
    backend.quotas.check_metadata(
        req.caller.project_id or "", len(server.get("metadata", {}))
    )
    backend.quotas.check_files(
        req.caller.project_id or "", server.get("personality", [])
    )
    _check_fit(req, image, flavor, backend)
    group_uuid = _group(req, _hints(body).get("group"), backend)
    server_place.check_destination(server, backend.compute)
    one = dataclasses.replace(
        _one_of_them(req, body, flavor, image),
        requested_host=place.host,
        group_uuid=group_uuid,
        key_data=key_data,
        pinned_availability_zone=place.zone,
        admin_password=server.get("adminPass") or admin_passwords.new(),
    )
    return Asked(
        servers=_numbered(one, count),
        min_count=min_count,
        admin_password=str(one.admin_password),
        reservation_id_wanted=_yes(server.get("return_reservation_id", False)),
    )


def _authorize(req: Request, backend: Backend, what: str) -> None:
    backend.enforcer.authorize(req.caller, f"os_compute_api:servers:create:{what}")


def _one_of_them(
    req: Request, body: dict[str, Any], flavor: Flavor, image: Image
) -> NewInstance:
    server = body["server"]
    name = server["name"].strip()
    uuid = uuidutils.generate_uuid()
    return NewInstance(
        uuid=uuid,
        display_name=name,
        # Before 2.19 the description is the name.
        display_description=server.get("description")
        if req.version >= (2, 19)
        else name,
        hostname=server.get("hostname") or host_names.from_name(name, uuid),
        reservation_id=_new_reservation_id(),
        image_ref=image.id,
        image_properties=dict(image.properties),
        flavor=flavor,
        metadata=server.get("metadata", {}),
        key_name=server.get("key_name"),
        user_data=server.get("user_data"),
        config_drive=_yes(server.get("config_drive", False)),
        disk_config=server.get("OS-DCF:diskConfig", "MANUAL"),
        access_ip_v4=short_address(server.get("accessIPv4")),
        access_ip_v6=short_address(server.get("accessIPv6")),
        network_info=[] if server.get("networks") == "none" else None,
        scheduler_hints=_hints(body),
        tags=sorted(set(server.get("tags", ()))),
        trusted_certs=server.get("trusted_image_certificates"),
    )


def _numbered(one: NewInstance, count: int) -> list[NewInstance]:
    """Return ``count`` servers; several get numbers in names and host names."""
    if count == 1:
        return [one]
    return [_one_of_several(one, number) for number in range(1, count + 1)]


def _hints(body: dict[str, Any]) -> dict[str, Any]:
    """The caller's hints to the scheduler, without names that Nova itself uses."""
    found = body.get("os:scheduler_hints", body.get("OS-SCH-HNT:scheduler_hints", {}))
    return {name: hint for name, hint in found.items() if not name.startswith("_nova")}


def _group(req: Request, hint: str | list[str] | None, backend: Backend) -> str | None:
    """Return the UUID of the server group that a hint names, alone or in a list.

    Raises:
        Invalid: there is no such group, or the list does not name exactly one.
    """
    if not hint:
        return None
    named = hint if isinstance(hint, list) else [hint]
    if len(named) == 1:
        with contextlib.suppress(exception.InstanceGroupNotFound):
            return backend.server_groups.get(req.caller, named[0]).uuid
    raise exception.Invalid(str(exception.InstanceGroupNotFound(str(hint))))


def _one_of_several(one: NewInstance, number: int) -> NewInstance:
    uuid = uuidutils.generate_uuid()
    return dataclasses.replace(
        one,
        uuid=uuid,
        display_name=f"{one.display_name}-{number}"[:255],
        hostname=host_names.from_name(one.display_name, uuid, number),
        launch_index=number - 1,
    )


def _counts(server: dict[str, Any]) -> tuple[int, int]:
    low = int(server.get("min_count", 1))
    high = int(server.get("max_count", low))
    if low > high:
        raise exception.Invalid("min_count must be <= max_count")
    if high > MAX_SERVERS:
        raise exception.Invalid(f"max_count must be <= {MAX_SERVERS}")
    return low, high


def _key_data(req: Request, server: dict[str, Any], keypairs: KeypairAPI) -> str | None:
    """Copy the caller's public key, because the keypair may be deleted later."""
    name = server.get("key_name")
    if name is None:
        return None
    try:
        return keypairs.get(req.caller.user_id or "", name).public_key
    except exception.KeypairNotFound:
        raise exception.Invalid("Invalid key_name provided.") from None


def _flavor(req: Request, server: dict[str, Any], backend: Backend) -> Flavor:
    try:
        return backend.flavors.get(req.caller, _last_of_path(server["flavorRef"]))
    except exception.FlavorNotFound as error:
        raise exception.Invalid(str(error)) from None


def _image(req: Request, image_ref: str, backend: Backend) -> Image:
    try:
        return backend.compute.image_get(req.caller, image_ref)
    except exception.ImageNotFound:
        raise exception.Invalid("Can not find requested image") from None


def _check_fit(req: Request, image: Image, flavor: Flavor, backend: Backend) -> None:
    bootable.check(image, flavor)
    if flavor.root_gb == 0 and not backend.enforcer.allows(
        req.caller, "os_compute_api:servers:create:zero_disk_flavor"
    ):
        raise exception.ZeroDiskFlavor


def _last_of_path(reference: str | int) -> str:
    """Return the id of a flavor from its id or, as old clients send it, its link."""
    return parse.urlsplit(str(reference)).path.rpartition("/")[2]


def _refuse_what_is_not_there(server: dict[str, Any]) -> None:
    # Without a config drive, Nova's libvirt driver ignores the files by default.
    if server.get("personality") and _yes(server.get("config_drive", False)):
        raise exception.PersonalityNotSupported
    groups: Sequence[dict[str, str]] = server.get("security_groups", [])
    for group in groups:
        if group.get("name", "default") != "default":
            raise exception.Invalid(
                f"Unable to find security_group with name or id '{group['name']}'"
            )
    refuse_networks(server.get("networks", []))


def _yes(value: bool | str) -> bool:
    return bool(strutils.bool_from_string(value))


def _new_reservation_id() -> str:
    alphabet = string.ascii_lowercase + string.digits
    return "r-" + "".join(secrets.choice(alphabet) for _ in range(8))

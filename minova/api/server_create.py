# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What the body of POST /servers asks for."""

import dataclasses
import ipaddress
import re
import secrets
import string
from typing import Any, Final

from oslo_utils import strutils, uuidutils

from minova import exception
from minova.compute.api import API
from minova.context import RequestContext
from minova.images import bootable
from minova.objects.instance import NewInstance

MAX_SERVERS: Final = 100
"""How many servers one request may ask for."""

_PASSWORD_LENGTH: Final = 12


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked request: the servers to make, at least one."""

    servers: list[NewInstance]
    admin_password: str
    reservation_id_wanted: bool


def read(caller: RequestContext, server: dict[str, Any], compute_api: API) -> Asked:
    """Read the ``server`` of a body that fits its schema.

    Raises:
        Invalid: it asks for an image, a flavor or a thing that is not there; the
            sentences are Nova's.
    """
    count = _count(server)
    _refuse_what_is_not_there(server)
    reservation_id = f"r-{_letters(8, string.ascii_lowercase + string.digits)}"
    try:
        flavor = compute_api.flavor_get(str(server["flavorRef"]))
        image = compute_api.image_get(caller, _image_id(server))
    except exception.FlavorNotFound as error:
        raise exception.Invalid(str(error)) from None
    except exception.ImageNotFound:
        raise exception.Invalid("Can not find requested image") from None
    bootable.check(image, flavor)
    name: str = server["name"]
    names = [name] if count == 1 else [f"{name}-{n}" for n in range(1, count + 1)]
    return Asked(
        servers=[
            NewInstance(
                uuid=uuidutils.generate_uuid(),
                display_name=each[:255],
                hostname=_hostname(each),
                reservation_id=reservation_id,
                image_ref=image.id,
                flavor=flavor,
                metadata=server.get("metadata", {}),
                key_name=None,
                user_data=server.get("user_data"),
                config_drive=False,
                disk_config=server.get("OS-DCF:diskConfig", "MANUAL"),
                access_ip_v4=_address(server.get("accessIPv4")),
                access_ip_v6=_address(server.get("accessIPv6")),
            )
            for each in names
        ],
        admin_password=server.get("adminPass")
        or _letters(_PASSWORD_LENGTH, string.ascii_letters + string.digits),
        reservation_id_wanted=_yes(server.get("return_reservation_id", False)),
    )


def _count(server: dict[str, Any]) -> int:
    low = int(server.get("min_count", 1))
    high = int(server.get("max_count", low))
    if low > high:
        raise exception.Invalid("min_count must be <= max_count")
    if high > MAX_SERVERS:
        raise exception.Invalid(f"max_count must be <= {MAX_SERVERS}")
    return high


def _image_id(server: dict[str, Any]) -> str:
    """The image: ``imageRef``, or what ``openstack server create`` sends beside it.

    Raises:
        Invalid: a server without an image, or with a disk of another kind.
    """
    image_id: str = server.get("imageRef", "")
    for mapping in server.get("block_device_mapping_v2", []):
        boots_image = (
            mapping.get("source_type") == "image"
            and mapping.get("destination_type", "local") == "local"
            and str(mapping.get("boot_index", 0)) == "0"
            and mapping.get("uuid") == (image_id or mapping.get("uuid"))
        )
        if not boots_image:
            raise exception.Invalid(
                "Block Device Mapping is Invalid: only the image itself can be booted."
            )
        image_id = str(mapping.get("uuid", ""))
    if not image_id:
        raise exception.Invalid("Invalid imageRef provided.")
    return image_id


def _refuse_what_is_not_there(server: dict[str, Any]) -> None:
    if server.get("availability_zone", "nova") != "nova":
        raise exception.Invalid("The requested availability zone is not available")
    if "key_name" in server:
        raise exception.Invalid("Invalid key_name provided.")
    if _yes(server.get("config_drive", False)):
        raise exception.Invalid("Invalid config_drive provided.")
    networks = server.get("networks", [])
    for network in networks if isinstance(networks, list) else []:
        _refuse_network(network)
    for group in server.get("security_groups", []):
        if group.get("name", "default") != "default":
            raise exception.Invalid(f"Security group {group['name']} not found.")


def _refuse_network(network: dict[str, Any]) -> None:
    """What Nova would ask of Neutron, which is not here."""
    if network.get("port"):
        raise exception.Invalid(f"Port id {network['port']} could not be found.")
    if network.get("uuid"):
        raise exception.Invalid(f"Network {network['uuid']} could not be found.")


def _address(text: str | None) -> str | None:
    """In its shortest form: one of 45 characters does not fit the column."""
    return None if text is None else str(ipaddress.ip_address(text))


def _yes(value: bool | str) -> bool:
    return bool(strutils.bool_from_string(value))


def _hostname(name: str) -> str:
    """What a guest would call itself: the name with nothing in it that DNS refuses."""
    plain = re.sub(r"[ _.]", "-", name.encode("ascii", "ignore").decode().lower())
    return re.sub(r"[^a-z0-9-]", "", plain).strip("-")[:63] or "server"


def _letters(count: int, alphabet: str) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Disks and networks of POST /servers: there is no Cinder and no Neutron here."""

import ipaddress
from typing import Any

from oslo_utils import uuidutils

from minova import exception


def image_id(server: dict[str, Any]) -> str:
    """The image: ``imageRef``, or what ``openstack server create`` sends beside it.

    Raises:
        Invalid: a server without an image, or with a disk of another kind.
    """
    legacy = server.get("block_device_mapping", [])
    mappings = server.get("block_device_mapping_v2", [])
    if legacy and mappings:
        raise exception.Invalid(
            "Using different block_device_mapping syntaxes is not allowed in the same "
            "request."
        )
    found: str = server.get("imageRef", "")
    for mapping in [*legacy, *mappings]:
        boots_image = (
            mapping.get("source_type") == "image"
            and mapping.get("destination_type", "local") == "local"
            and str(mapping.get("boot_index", 0)) == "0"
            and mapping.get("uuid") == (found or mapping.get("uuid"))
        )
        if not boots_image:
            raise exception.Invalid(
                "Block Device Mapping is Invalid: only the image itself can be booted."
            )
        found = str(mapping.get("uuid", ""))
    if not found:
        raise exception.Invalid("Missing imageRef attribute")
    return found


def short_address(text: str | None) -> str | None:
    """In its shortest form: one of 45 characters does not fit the column."""
    return None if text is None else str(ipaddress.ip_address(text))


def check_networks(networks: str | list[dict[str, Any]]) -> None:
    """Pass a word or an empty list.

    Raises:
        Invalid: what Nova would ask of Neutron.
    """
    if isinstance(networks, str):
        return
    for network in networks:
        port, uuid = network.get("port"), network.get("uuid")
        if port and network.get("fixed_ip"):
            raise exception.Invalid(
                f"Specified Fixed IP '{network['fixed_ip']}' cannot be used with port "
                f"'{port}': the two cannot be specified together."
            )
        if port:
            raise exception.Invalid(f"Port id {port} could not be found.")
        if uuid is None:
            raise exception.Invalid("Bad network format: missing 'uuid'")
        if not uuidutils.is_uuid_like(uuid):
            raise exception.Invalid(
                f"Bad networks format: network uuid is not in proper format ({uuid})"
            )
        raise exception.Invalid(f"Network {uuid} could not be found.")

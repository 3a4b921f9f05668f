# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Disks and networks of POST /servers: there is no Cinder and no Neutron here."""

from typing import Any

from oslo_utils import uuidutils

from minova import exception


def has_mappings(server: dict[str, Any]) -> bool:
    """Whether disks are described, be it only the image once more.

    Raises:
        Invalid: one is described wrongly, or in two ways.
    """
    legacy = server.get("block_device_mapping", [])
    mappings = server.get("block_device_mapping_v2", [])
    if legacy and mappings:
        raise exception.Invalid(
            "Using different block_device_mapping syntaxes is not allowed in the same "
            "request."
        )
    for mapping in mappings:
        _check_mapping(mapping, server.get("imageRef", ""))
    return bool(legacy or mappings)


def image_id(server: dict[str, Any]) -> str:
    """The image: ``imageRef``, or what ``openstack server create`` sends beside it.

    Raises:
        Invalid: a server without an image, or with a disk of another kind.
    """
    legacy = server.get("block_device_mapping", [])
    mappings = server.get("block_device_mapping_v2", [])
    found: str = server.get("imageRef", "")
    if legacy or not all(_boots(mapping, found) for mapping in mappings):
        raise _invalid("only the image itself can be booted.")
    if not found:
        raise exception.Invalid("Missing imageRef attribute")
    return found


def _check_mapping(mapping: dict[str, Any], image_ref: str) -> None:
    """Refuse what contradicts itself, as ``BlockDeviceDict.from_api`` does in Nova."""
    source = mapping.get("source_type")
    local = mapping.get("destination_type") == "local"
    if source == "blank" and mapping.get("uuid"):
        raise _invalid("Invalid device UUID.")
    if source != "blank" and not mapping.get("uuid"):
        raise _invalid("Missing device UUID.")
    if source == "image" and local and not (image_ref and _is_first(mapping)):
        raise _invalid("Mapping image to local is not supported.")


def _boots(mapping: dict[str, Any], image_ref: str) -> bool:
    """Whether this is the image, as ``openstack server create`` says it once more."""
    return (
        mapping.get("source_type") == "image"
        and mapping.get("destination_type", "local") == "local"
        and mapping.get("uuid") == image_ref
        and _is_first(mapping)
    )


def _is_first(mapping: dict[str, Any]) -> bool:
    return mapping.get("boot_index") in (0, "0")


def _invalid(why: str) -> exception.Invalid:
    return exception.Invalid(f"Block Device Mapping is Invalid: {why}")


def check_networks(networks: str | list[dict[str, Any]]) -> None:
    """Pass a word, or a list of networks and ports as far as it can be read.

    Raises:
        Invalid: one is described wrongly.
    """
    for network in _described(networks):
        port, uuid = network.get("port"), network.get("uuid")
        if port and network.get("fixed_ip"):
            raise exception.Invalid(
                f"Specified Fixed IP '{network['fixed_ip']}' cannot be used with port "
                f"'{port}': the two cannot be specified together."
            )
        if port:
            continue
        if uuid is None:
            raise exception.Invalid("Bad network format: missing 'uuid'")
        if not uuidutils.is_uuid_like(uuid):
            raise exception.Invalid(
                f"Bad networks format: network uuid is not in proper format ({uuid})"
            )


def refuse_networks(networks: str | list[dict[str, Any]]) -> None:
    """Pass a word or an empty list.

    Raises:
        Invalid: what Nova would ask of Neutron, which would know none.
    """
    for network in _described(networks):
        if network.get("port"):
            raise exception.Invalid(f"Port id {network['port']} could not be found.")
        raise exception.Invalid(f"Network {network['uuid']} could not be found.")


def _described(networks: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [] if isinstance(networks, str) else networks

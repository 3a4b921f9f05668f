# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Disks and networks of POST /servers, without Cinder and Neutron."""

from typing import Any

from oslo_utils import uuidutils

from minova import exception


def has_mappings(server: dict[str, Any]) -> bool:
    """Whether the body describes disks, even if only the image again.

    Raises:
        Invalid: a description is wrong, or the body uses both forms.
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
    """Return ``imageRef``; ``openstack server create`` repeats it as a disk.

    Raises:
        Invalid: there is no image, or a disk that is not the image.
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
    """Refuse contradictions, as ``BlockDeviceDict.from_api`` does in Nova."""
    source = mapping.get("source_type")
    local = mapping.get("destination_type") == "local"
    if source == "blank" and mapping.get("uuid"):
        raise _invalid("Invalid device UUID.")
    if source != "blank" and not mapping.get("uuid"):
        raise _invalid("Missing device UUID.")
    if source == "image" and local and not (image_ref and _is_first(mapping)):
        raise _invalid("Mapping image to local is not supported.")


def _boots(mapping: dict[str, Any], image_ref: str) -> bool:
    """Whether this disk is the image, which ``openstack server create`` repeats."""
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
    """Check the form of a list of networks and ports; a word passes.

    Raises:
        Invalid: a description is wrong.
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
    """Refuse every network and port; a word or an empty list passes.

    Raises:
        Invalid: in the words for a network or a port that Neutron does not know.
    """
    for network in _described(networks):
        if network.get("port"):
            raise exception.Invalid(f"Port id {network['port']} could not be found.")
        raise exception.Invalid(f"Network {network['uuid']} could not be found.")


def _described(networks: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [] if isinstance(networks, str) else networks

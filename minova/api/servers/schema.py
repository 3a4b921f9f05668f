# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of POST /servers and PUT /servers/{server_id}."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.servers.create.block_devices import BLOCK_DEVICES, LEGACY_BLOCK_DEVICES
from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import (
    BOOLEAN,
    CERTIFICATES,
    DESCRIPTION,
    DISK_CONFIG,
    HOSTNAME,
    IPV4,
    IPV6,
    LABEL,
    MAX_TAGS,
    METADATA,
    NAME,
    PERSONALITY,
    POSITIVE,
    TAG,
    body,
    only,
)

_UUID: Final = {"type": "string", "format": "uuid"}
_ADDRESS: Final = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}


def _networks(**properties: Any) -> dict[str, Any]:
    port = {"oneOf": [_UUID, {"type": "null"}]}
    return {
        "type": "array",
        "items": only({"fixed_ip": _ADDRESS, "port": port, **properties}),
    }


def _or_word(networks: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [networks, {"type": "string", "enum": ["none", "auto"]}]}


_HINTS: Final = {
    "type": "object",
    "properties": {
        "group": {"oneOf": [{"type": "array", "items": _UUID}, _UUID]},
        "different_host": {"oneOf": [_UUID, {"type": "array", "items": _UUID}]},
        "same_host": {"type": ["string", "array"], "items": _UUID},
        "query": {"type": ["string", "object"]},
        "target_cell": NAME,
        "different_cell": {"type": ["string", "array"], "items": {"type": "string"}},
        "build_near_host_ip": _ADDRESS,
        "cidr": {"type": "string", "pattern": "^/[0-9a-f.:]+$"},
    },
}

_CREATE_21: Final[dict[str, Any]] = {
    "name": NAME,
    "imageRef": {"oneOf": [_UUID, {"type": "string", "maxLength": 0}]},
    "flavorRef": {"type": ["string", "integer"], "minLength": 1},
    "adminPass": {"type": "string"},
    "metadata": METADATA,
    "networks": _networks(uuid={"type": "string"}),
    "OS-DCF:diskConfig": DISK_CONFIG,
    "accessIPv4": IPV4,
    "accessIPv6": IPV6,
    "personality": PERSONALITY,
    "availability_zone": NAME,
    "block_device_mapping": LEGACY_BLOCK_DEVICES,
    "block_device_mapping_v2": BLOCK_DEVICES["2.1"],
    "config_drive": BOOLEAN,
    "key_name": NAME,
    "min_count": POSITIVE,
    "max_count": POSITIVE,
    "return_reservation_id": BOOLEAN,
    "security_groups": {"type": "array", "items": only({"name": NAME})},
    "user_data": {"type": "string", "format": "base64", "maxLength": 65535},
}
_CREATE_219: Final = _CREATE_21 | {"description": DESCRIPTION}
_CREATE_232: Final = _CREATE_219 | {
    "networks": _networks(uuid={"type": "string"}, tag=TAG),
    "block_device_mapping_v2": BLOCK_DEVICES["2.32"],
}
# By mistake Nova lost the tag of a disk in 2.33, and that of a network in 2.37. Version
# 2.42 brought both back. Clients may rely on these mistakes.
_CREATE_233: Final = _CREATE_232 | {"block_device_mapping_v2": BLOCK_DEVICES["2.1"]}
_CREATE_237: Final = _CREATE_233 | {"networks": _or_word(_networks(uuid=_UUID))}
_CREATE_242: Final = _CREATE_237 | {
    "networks": _or_word(_networks(uuid=_UUID, tag=TAG)),
    "block_device_mapping_v2": BLOCK_DEVICES["2.32"],
}
_CREATE_252: Final = _CREATE_242 | {
    "tags": {"type": "array", "items": TAG, "maxItems": MAX_TAGS}
}
_CREATE_257: Final = {
    name: schema for name, schema in _CREATE_252.items() if name != "personality"
}
_CREATE_263: Final = _CREATE_257 | {"trusted_image_certificates": CERTIFICATES}
_CREATE_267: Final = _CREATE_263 | {"block_device_mapping_v2": BLOCK_DEVICES["2.67"]}
_CREATE_274: Final = _CREATE_267 | {"host": HOSTNAME, "hypervisor_hostname": HOSTNAME}
_CREATE_290: Final = _CREATE_274 | {"hostname": LABEL}
_CREATE_294: Final = _CREATE_274 | {"hostname": HOSTNAME}


def _create(properties: dict[str, Any], *required: str) -> Schema:
    schema = body("server", only(properties, "name", "flavorRef", *required))
    schema["properties"] |= {
        "os:scheduler_hints": _HINTS,
        "OS-SCH-HNT:scheduler_hints": _HINTS,
    }
    return Schema(schema)


SERVER_CREATE: Final = Versioned(
    {
        "2.1": _create(_CREATE_21),
        "2.19": _create(_CREATE_219),
        "2.32": _create(_CREATE_232),
        "2.33": _create(_CREATE_233),
        "2.37": _create(_CREATE_237, "networks"),
        "2.42": _create(_CREATE_242, "networks"),
        "2.52": _create(_CREATE_252, "networks"),
        "2.57": _create(_CREATE_257, "networks"),
        "2.63": _create(_CREATE_263, "networks"),
        "2.67": _create(_CREATE_267, "networks"),
        "2.74": _create(_CREATE_274, "networks"),
        "2.90": _create(_CREATE_290, "networks"),
        "2.94": _create(_CREATE_294, "networks"),
    }
)

_ZONE: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_UPDATE_21: Final[dict[str, Any]] = {
    "name": NAME,
    "OS-DCF:diskConfig": DISK_CONFIG,
    "accessIPv4": IPV4,
    "accessIPv6": IPV6,
}
_UPDATE_219: Final = _UPDATE_21 | {"description": DESCRIPTION}
_UPDATE_290: Final = _UPDATE_219 | {"hostname": LABEL}
_UPDATE_294: Final = _UPDATE_219 | {"hostname": HOSTNAME}
_UPDATE_2104: Final = _UPDATE_294 | {
    "pinned_availability_zone": {"oneOf": [_ZONE, {"type": "null"}]}
}

SERVER_UPDATE: Final = Versioned(
    {
        version: Schema(body("server", only(properties)))
        for version, properties in (
            ("2.1", _UPDATE_21),
            ("2.19", _UPDATE_219),
            ("2.90", _UPDATE_290),
            ("2.94", _UPDATE_294),
            ("2.104", _UPDATE_2104),
        )
    }
)

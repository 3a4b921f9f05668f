# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers."""

from typing import Any, Final

from minova.api.microversion import Versioned
from minova.api.schemas.types import BOOLEAN, METADATA, NAME, PAGE, POSITIVE, TEXT
from minova.api.validation import QuerySchema, Schema

_NETWORKS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "fixed_ip": {"type": "string"},
            "port": {"oneOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
            "uuid": {"type": "string", "format": "uuid"},
        },
        "additionalProperties": False,
    },
}
_HINTS: Final = {"type": "object"}

_SERVER: Final[dict[str, Any]] = {
    "name": NAME,
    "imageRef": {
        "oneOf": [
            {"type": "string", "format": "uuid"},
            {"type": "string", "maxLength": 0},
        ]
    },
    "flavorRef": {"type": ["string", "integer"], "minLength": 1, "maxLength": 255},
    "adminPass": {"type": "string"},
    "metadata": METADATA,
    "networks": _NETWORKS,
    "OS-DCF:diskConfig": {"type": "string", "enum": ["AUTO", "MANUAL"]},
    "accessIPv4": {"type": "string", "format": "ipv4"},
    "accessIPv6": {"type": "string", "format": "ipv6"},
    "availability_zone": {"type": "string", "minLength": 1, "maxLength": 255},
    "block_device_mapping_v2": {"type": "array", "items": {"type": "object"}},
    "config_drive": BOOLEAN,
    "key_name": {"type": "string", "minLength": 1, "maxLength": 255},
    "min_count": POSITIVE,
    "max_count": POSITIVE,
    "return_reservation_id": BOOLEAN,
    "security_groups": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 255}
            },
            "additionalProperties": False,
        },
    },
    "user_data": {"type": "string", "format": "base64", "maxLength": 65535},
}

_SERVER_237: Final = _SERVER | {
    "networks": {"oneOf": [_NETWORKS, {"type": "string", "enum": ["none", "auto"]}]}
}


def _create(server: dict[str, Any], *required: str) -> Schema:
    return Schema(
        {
            "type": "object",
            "properties": {
                "server": {
                    "type": "object",
                    "properties": server,
                    "required": ["name", "flavorRef", *required],
                    "additionalProperties": False,
                },
                "os:scheduler_hints": _HINTS,
                "OS-SCH-HNT:scheduler_hints": _HINTS,
            },
            "required": ["server"],
            "additionalProperties": False,
        }
    )


SERVER_CREATE: Final = Versioned(
    {"2.1": _create(_SERVER), "2.37": _create(_SERVER_237, "networks")}
)

SERVERS_QUERY: Final = QuerySchema(
    {
        **PAGE,
        "name": {"type": "string", "format": "regex", "maxLength": 255},
        "status": TEXT,
        "host": TEXT,
        "project_id": TEXT,
        "tenant_id": TEXT,
        "user_id": TEXT,
        "all_tenants": TEXT,
    }
)

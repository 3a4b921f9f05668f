# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What request bodies and query strings may hold: Nova's schemas at 2.1.

Strict where Nova is strict and loose where it is loose (``nova/api/openstack/compute/
schemas/servers.py``, ``nova/api/validation/parameter_types.py``).
"""

from typing import Any, Final

from minova.api.validation import QuerySchema, Schema

_BOOLEAN: Final = {
    "type": ["boolean", "string"],
    "enum": [
        *(True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"),
        *(False, "False", "FALSE", "false", "0", "OFF", "Off", "off"),
        *("NO", "No", "no"),
    ],
}
_POSITIVE: Final = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]*$",
    "minimum": 1,
    "minLength": 1,
    "maxLength": 255,
}
_NON_NEGATIVE: Final = {"type": "string", "pattern": "^[0-9]*$", "minLength": 1}
_METADATA: Final = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}
    },
    "additionalProperties": False,
}
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
    "name": {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"},
    "imageRef": {
        "oneOf": [
            {"type": "string", "format": "uuid"},
            {"type": "string", "maxLength": 0},
        ]
    },
    "flavorRef": {"type": ["string", "integer"], "minLength": 1, "maxLength": 255},
    "adminPass": {"type": "string"},
    "metadata": _METADATA,
    "networks": _NETWORKS,
    "OS-DCF:diskConfig": {"type": "string", "enum": ["AUTO", "MANUAL"]},
    "accessIPv4": {"type": "string", "format": "ipv4"},
    "accessIPv6": {"type": "string", "format": "ipv6"},
    "availability_zone": {"type": "string", "minLength": 1, "maxLength": 255},
    "block_device_mapping_v2": {"type": "array", "items": {"type": "object"}},
    "config_drive": _BOOLEAN,
    "key_name": {"type": "string", "minLength": 1, "maxLength": 255},
    "min_count": _POSITIVE,
    "max_count": _POSITIVE,
    "return_reservation_id": _BOOLEAN,
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

SERVER_CREATE: Final = Schema(
    {
        "type": "object",
        "properties": {
            "server": {
                "type": "object",
                "properties": _SERVER,
                "required": ["name", "flavorRef"],
                "additionalProperties": False,
            },
            "os:scheduler_hints": _HINTS,
            "OS-SCH-HNT:scheduler_hints": _HINTS,
        },
        "required": ["server"],
        "additionalProperties": False,
    }
)

CONSOLE_OUTPUT: Final = Schema(
    {
        "type": "object",
        "properties": {
            "os-getConsoleOutput": {
                "type": "object",
                "properties": {
                    "length": {
                        "type": ["integer", "string", "null"],
                        "pattern": "^-?[0-9]+$",
                        "minimum": -1,
                        "maxLength": 255,
                    }
                },
                "additionalProperties": False,
            }
        },
        "required": ["os-getConsoleOutput"],
        "additionalProperties": False,
    }
)

_PAGE: Final[dict[str, Any]] = {"limit": _NON_NEGATIVE, "marker": {"type": "string"}}
_TEXT: Final = {"type": "string"}

SERVERS_QUERY: Final = QuerySchema(
    {
        **_PAGE,
        "name": {"type": "string", "format": "regex", "maxLength": 255},
        "status": _TEXT,
        "host": _TEXT,
        "project_id": _TEXT,
        "tenant_id": _TEXT,
        "user_id": _TEXT,
        "all_tenants": _TEXT,
    }
)
FLAVORS_QUERY: Final = QuerySchema(
    {**_PAGE, "is_public": _TEXT, "minRam": _TEXT, "minDisk": _TEXT}
)
SERVICES_QUERY: Final = QuerySchema({"host": _TEXT, "binary": _TEXT})
IMAGES_QUERY: Final = QuerySchema({**_PAGE, "name": _TEXT, "status": _TEXT})

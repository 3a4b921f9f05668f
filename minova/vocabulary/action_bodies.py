# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of the values under the keys of POST /servers/{id}/action."""

from collections.abc import Mapping
from typing import Any, Final

from minova.vocabulary.parameter_types import (
    BOOLEAN,
    CERTIFICATES,
    DESCRIPTION,
    DISK_CONFIG,
    HOSTNAME,
    IPV4,
    IPV6,
    LABEL,
    METADATA,
    NAME,
    PERSONALITY,
    UUID,
)

Version = tuple[int, int]
Body = Mapping[Version, Mapping[str, Any]]
"""The schemas, by first API version; before the first, any value is allowed."""


def since(versioned: Mapping[Version, Any], version: Version) -> Version | None:
    """Return the key of the entry that applies at a version, or None before all."""
    return max((first for first in versioned if first <= version), default=None)


def _only(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


REBOOT: Final[Body] = {
    (2, 1): _only(
        {
            "type": {
                "type": "string",
                "enum": ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"],
            }
        },
        "type",
    )
}

RESCUE: Final[Body] = {
    (2, 1): {
        **_only(
            {
                "adminPass": {"type": "string"},
                "rescue_image_ref": {"type": "string", "format": "uuid"},
            }
        ),
        "type": ["object", "null"],
    }
}

RESIZE: Final[Body] = {
    (2, 1): _only(
        {
            "flavorRef": {"type": ["string", "integer"], "minLength": 1},
            "OS-DCF:diskConfig": DISK_CONFIG,
        },
        "flavorRef",
    )
}

_REBUILD: Final[dict[str, Any]] = {
    "name": NAME,
    "imageRef": UUID,
    "adminPass": {"type": "string"},
    "metadata": METADATA,
    "preserve_ephemeral": BOOLEAN,
    "OS-DCF:diskConfig": DISK_CONFIG,
    "accessIPv4": IPV4,
    "accessIPv6": IPV6,
}
_REBUILD_219: Final = _REBUILD | {"description": DESCRIPTION}
_REBUILD_254: Final = _REBUILD_219 | {
    "key_name": {
        "oneOf": [
            {"type": "string", "minLength": 1, "maxLength": 255},
            {"type": "null"},
        ]
    }
}
_REBUILD_257: Final = _REBUILD_254 | {
    "user_data": {"type": ["string", "null"], "format": "base64", "maxLength": 65535}
}
_REBUILD_263: Final = _REBUILD_257 | {"trusted_image_certificates": CERTIFICATES}
_UNTIL_256: Final = {"personality": PERSONALITY}
REBUILD: Final[Body] = {
    version: _only(properties, "imageRef")
    for version, properties in (
        ((2, 1), _REBUILD | _UNTIL_256),
        ((2, 19), _REBUILD_219 | _UNTIL_256),
        ((2, 54), _REBUILD_254 | _UNTIL_256),
        ((2, 57), _REBUILD_257),
        ((2, 63), _REBUILD_263),
        ((2, 90), _REBUILD_263 | {"hostname": LABEL}),
        ((2, 94), _REBUILD_263 | {"hostname": HOSTNAME}),
    )
}

CONSOLE_OUTPUT: Final[Body] = {
    (2, 1): _only(
        {
            "length": {
                "type": ["integer", "string", "null"],
                "pattern": "^-?[0-9]+$",
                "minimum": -1,
                "maxLength": 255,
            }
        }
    )
}

CHANGE_PASSWORD: Final[Body] = {
    (2, 1): _only({"adminPass": {"type": "string"}}, "adminPass")
}

LOCK: Final[Body] = {
    (2, 73): {
        **_only(
            {"locked_reason": {"type": "string", "minLength": 1, "maxLength": 255}}
        ),
        "type": ["object", "null"],
    }
}

RESET_STATE: Final[Body] = {
    (2, 1): _only({"state": {"type": "string", "enum": ["active", "error"]}}, "state")
}

SECURITY_GROUP: Final[Body] = {
    (2, 1): _only({"name": {"type": "string", "minLength": 1}}, "name")
}

_AUTO: Final = {**BOOLEAN, "enum": [*BOOLEAN["enum"], "auto"]}
_HOST_OR_NONE: Final = {**HOSTNAME, "type": ["string", "null"]}

MIGRATE: Final[Body] = {
    (2, 56): {**_only({"host": _HOST_OR_NONE}), "type": ["object", "null"]}
}

_LIVE_225: Final = {"host": _HOST_OR_NONE, "block_migration": _AUTO}
MIGRATE_LIVE: Final[Body] = {
    (2, 1): _only(
        {
            "host": _HOST_OR_NONE,
            "block_migration": BOOLEAN,
            "disk_over_commit": BOOLEAN,
        },
        *("host", "block_migration", "disk_over_commit"),
    ),
    (2, 25): _only(_LIVE_225, *_LIVE_225),
    (2, 30): _only(_LIVE_225 | {"force": BOOLEAN}, *_LIVE_225),
    (2, 68): _only(_LIVE_225, *_LIVE_225),
}

_EVACUATE_214: Final = {"host": HOSTNAME, "adminPass": {"type": "string"}}
EVACUATE: Final[Body] = {
    (2, 1): _only(_EVACUATE_214 | {"onSharedStorage": BOOLEAN}, "onSharedStorage"),
    (2, 14): _only(_EVACUATE_214),
    (2, 29): _only(_EVACUATE_214 | {"force": BOOLEAN}),
    (2, 68): _only(_EVACUATE_214),
}

_ADDRESS: Final = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
ADD_FIXED_IP: Final[Body] = {
    (2, 1): _only(
        {
            "networkId": {
                "type": ["string", "number"],
                "minLength": 1,
                "maxLength": 36,
            }
        },
        "networkId",
    )
}
REMOVE_IP: Final[Body] = {(2, 1): _only({"address": _ADDRESS}, "address")}
ADD_FLOATING_IP: Final[Body] = {
    (2, 1): _only({"address": _ADDRESS, "fixed_address": _ADDRESS}, "address")
}

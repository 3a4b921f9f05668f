# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What many schemas are made of: Nova's ``parameter_types``."""

from typing import Any, Final

BOOLEAN: Final = {
    "type": ["boolean", "string"],
    "enum": [
        *(True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"),
        *(False, "False", "FALSE", "false", "0", "OFF", "Off", "off"),
        *("NO", "No", "no"),
    ],
}
POSITIVE: Final = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]*$",
    "minimum": 1,
    "minLength": 1,
    "maxLength": 255,
}
NON_NEGATIVE: Final = {"type": "string", "pattern": "^[0-9]*$", "minLength": 1}
METADATA: Final[dict[str, Any]] = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}
    },
    "additionalProperties": False,
}
NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"}
# No controls, line ends or marks of direction, and nothing beyond the first 65,536
# characters, as in Nova, whose pattern lists all the others.
DESCRIPTION: Final = {
    "type": ["string", "null"],
    "minLength": 0,
    "maxLength": 255,
    "pattern": (
        r"^[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f"
        r"\ud800-\uf8ff\ufeff\ufff0-\ufffb\U00010000-\U0010ffff]*$"
    ),
}
HOSTNAME: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9-._]*$",
}
TAG: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "pattern": "^[^,/]*$",
}
MAX_TAGS: Final = 50
DISK_CONFIG: Final = {"type": "string", "enum": ["AUTO", "MANUAL"]}
IPV4: Final = {"type": "string", "format": "ipv4"}
IPV6: Final = {"type": "string", "format": "ipv6"}

# Of query strings, where every value is a text.
TEXT: Final = {"type": "string"}
REGEX: Final = {"type": "string", "format": "regex", "maxLength": 255}
PAGE: Final[dict[str, Any]] = {"limit": NON_NEGATIVE, "marker": TEXT}


def body(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The schema of ``{name: value}`` and nothing else."""
    return {
        "type": "object",
        "properties": {name: value},
        "required": [name],
        "additionalProperties": False,
    }


def only(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """The schema of an object that has no other properties than these."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    # Draft 4 of JSON Schema wants at least one here.
    return schema | ({"required": list(required)} if required else {})

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts that many schemas share, like Nova's ``parameter_types``."""

from typing import Any, Final

from minova.vocabulary.printable import PRINTABLE

BOOLEAN: Final[dict[str, Any]] = {
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
DESCRIPTION: Final = {
    "type": ["string", "null"],
    "minLength": 0,
    "maxLength": 255,
    "pattern": PRINTABLE,
}
HOSTNAME: Final = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9-._]*$",
    "minLength": 1,
    "maxLength": 255,
}
# A single label of a domain name.  From 2.94 on, HOSTNAME is used instead.
LABEL: Final = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$",
    "minLength": 2,
    "maxLength": 63,
}
TAG: Final = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[^,/]*$"}
MAX_TAGS: Final = 50
DISK_CONFIG: Final = {"type": "string", "enum": ["AUTO", "MANUAL"]}
UUID: Final = {"type": "string", "format": "uuid"}
IPV4: Final = {"type": "string", "format": "ipv4"}
IPV6: Final = {"type": "string", "format": "ipv6"}
CERTIFICATES: Final = {
    "type": ["array", "null"],
    "minItems": 1,
    "maxItems": 50,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1},
}

# For query strings, where every value is text.
TEXT: Final = {"type": "string"}
REGEX: Final = {"type": "string", "format": "regex", "maxLength": 255}
PAGE: Final[dict[str, Any]] = {"limit": NON_NEGATIVE, "marker": TEXT}


def body(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with only this property."""
    return only({name: value}, name)


def only(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """The schema of an object with only these properties.

    The first error is the answer, so a missing property is reported before an extra
    one.
    """
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


PERSONALITY: Final = {
    "type": "array",
    "items": only(
        {"path": {"type": "string"}, "contents": {"type": "string", "format": "base64"}}
    ),
}

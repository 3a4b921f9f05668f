# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /os-aggregates."""

from typing import Any, Final

from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import HOSTNAME, METADATA, NAME, UUID, body, only

_ZONE: Final = {
    "oneOf": [
        {"type": "string", "format": "az_name", "minLength": 1, "maxLength": 255},
        {"type": "null"},
    ]
}

AGGREGATE_CREATE: Final = Schema(
    body("aggregate", only({"name": NAME, "availability_zone": _ZONE}, "name"))
)
AGGREGATE_UPDATE: Final = Schema(
    body(
        "aggregate",
        {
            "type": "object",
            "properties": {
                "name": {
                    "type": "string",
                    "format": "name_with_leading_trailing_spaces",
                    "minLength": 1,
                    "maxLength": 255,
                },
                "availability_zone": _ZONE,
            },
            "additionalProperties": False,
            "anyOf": [{"required": ["name"]}, {"required": ["availability_zone"]}],
        },
    )
)

_KEYS: Final[dict[str, Any]] = {
    pattern: item | {"type": ["string", "null"]}
    for pattern, item in METADATA["patternProperties"].items()
}
ACTIONS: Final = {
    "add_host": Schema(body("add_host", only({"host": HOSTNAME}, "host"))),
    "remove_host": Schema(body("remove_host", only({"host": HOSTNAME}, "host"))),
    "set_metadata": Schema(
        body(
            "set_metadata",
            only({"metadata": METADATA | {"patternProperties": _KEYS}}, "metadata"),
        )
    ),
}

CACHE_IMAGES: Final = Schema(
    body("cache", {"type": ["array"], "minItems": 1, "items": only({"id": UUID}, "id")})
)

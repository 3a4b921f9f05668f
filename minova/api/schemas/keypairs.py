# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-keypairs."""

from typing import Any, Final

from minova.api.microversion import Versioned
from minova.api.schemas.types import NAME, PAGE, TEXT
from minova.api.validation import QuerySchema, Schema

_KEYPAIR: Final[dict[str, Any]] = {"name": NAME, "public_key": {"type": "string"}}
_TYPE: Final = {"type": "string", "enum": ["ssh", "x509"]}
_USER: Final = {"type": "string", "minLength": 1, "maxLength": 255}


def _create(properties: dict[str, Any], *required: str) -> Schema:
    return Schema(
        {
            "type": "object",
            "properties": {
                "keypair": {
                    "type": "object",
                    "properties": _KEYPAIR | properties,
                    "required": ["name", *required],
                    "additionalProperties": False,
                }
            },
            "required": ["keypair"],
            "additionalProperties": False,
        }
    )


KEYPAIR_CREATE: Final = Versioned(
    {
        "2.1": _create({}),
        "2.2": _create({"type": _TYPE}),
        "2.10": _create({"type": _TYPE, "user_id": _USER}),
        "2.92": _create({"type": _TYPE, "user_id": _USER}, "public_key"),
    }
)

KEYPAIRS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema({}),
        "2.10": QuerySchema({"user_id": TEXT}),
        "2.35": QuerySchema({"user_id": TEXT, **PAGE}),
        "2.75": QuerySchema({"user_id": TEXT, **PAGE}, strict=True),
    }
)
KEYPAIR_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema({}),
        "2.10": QuerySchema({"user_id": TEXT}),
        "2.75": QuerySchema({"user_id": TEXT}, strict=True),
    }
)

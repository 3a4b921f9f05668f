# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /os-keypairs."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.vocabulary.parameter_types import NAME, PAGE, TEXT, body, only


def _name(pattern: str) -> dict[str, Any]:
    letters = {"type": "string", "pattern": pattern, "minLength": 1, "maxLength": 255}
    return {"allOf": [NAME, letters]}


_KEYPAIR: Final[dict[str, Any]] = {
    "name": _name(r"^[_\- a-zA-Z0-9]+$"),
    "public_key": {"type": "string"},
}
_NAME_SINCE_292: Final = _name(r"^[_\-\@\. a-zA-Z0-9]+$")
_TYPE: Final = {"type": "string", "enum": ["ssh", "x509"]}
_USER: Final = {"type": "string", "maxLength": 255}


def _create(properties: dict[str, Any], *required: str) -> Schema:
    return Schema(body("keypair", only(_KEYPAIR | properties, "name", *required)))


KEYPAIR_CREATE: Final = Versioned(
    {
        "2.1": _create({}),
        "2.2": _create({"type": _TYPE}),
        "2.10": _create({"type": _TYPE, "user_id": _USER}),
        "2.92": _create(
            {"name": _NAME_SINCE_292, "type": _TYPE, "user_id": _USER}, "public_key"
        ),
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

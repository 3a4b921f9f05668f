# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-services."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.api.validation.types import BOOLEAN, TEXT

_QUERY: Final = {"host": TEXT, "binary": TEXT}
SERVICES_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_QUERY), "2.75": QuerySchema(_QUERY, strict=True)}
)

_HOST: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[a-zA-Z0-9-._]*$",
}
_REASON: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_OLD: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "host": _HOST,
        "binary": {"type": "string", "minLength": 1, "maxLength": 255},
        "disabled_reason": _REASON,
    },
    "required": ["host", "binary"],
    "additionalProperties": False,
}
_FORCED: Final = {"forced_down": BOOLEAN}

SERVICE_UPDATE: Final = Versioned(
    {
        "2.1": Schema(_OLD),
        "2.11": Schema(_OLD | {"properties": _OLD["properties"] | _FORCED}),
        "2.53": Schema(
            {
                "type": "object",
                "properties": {
                    "status": {"type": "string", "enum": ["enabled", "disabled"]},
                    "disabled_reason": _REASON,
                    **_FORCED,
                },
                "additionalProperties": False,
            }
        ),
    }
)

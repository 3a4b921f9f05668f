# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /os-services."""

from typing import Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.vocabulary.parameter_types import BOOLEAN, TEXT, only

_QUERY: Final = {"host": TEXT, "binary": TEXT}
SERVICES_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_QUERY), "2.75": QuerySchema(_QUERY, strict=True)}
)

_SHORT: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_HOST: Final = _SHORT | {"pattern": r"^[a-zA-Z0-9-._]*$"}
_OLD: Final = {"host": _HOST, "binary": _SHORT, "disabled_reason": _SHORT}
_NEW: Final = {
    "status": {"type": "string", "enum": ["enabled", "disabled"]},
    "disabled_reason": _SHORT,
    "forced_down": BOOLEAN,
}

SERVICE_UPDATE: Final = Versioned(
    {
        "2.1": Schema(only(_OLD, "host", "binary")),
        "2.11": Schema(only(_OLD | {"forced_down": BOOLEAN}, "host", "binary")),
        "2.53": Schema(only(_NEW)),
    }
)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/action, for the actions that take arguments."""

from typing import Final

from minova.api.schemas.types import body, only
from minova.api.validation import Schema

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

LOCK: Final = Schema(
    body(
        "lock",
        {
            "type": ["object", "null"],
            "properties": {
                "locked_reason": {"type": "string", "minLength": 1, "maxLength": 255}
            },
            "additionalProperties": False,
        },
    )
)
"""Since 2.73; before, whatever is behind ``lock`` does not matter."""

RESET_STATE: Final = Schema(
    body(
        "os-resetState",
        only({"state": {"type": "string", "enum": ["active", "error"]}}, "state"),
    )
)

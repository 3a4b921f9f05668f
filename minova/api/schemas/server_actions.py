# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/action, for the actions that take arguments."""

from typing import Final

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

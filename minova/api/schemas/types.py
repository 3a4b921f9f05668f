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
METADATA: Final = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}
    },
    "additionalProperties": False,
}
NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"}

# Of query strings, where every value is a text.
TEXT: Final = {"type": "string"}
PAGE: Final[dict[str, Any]] = {"limit": NON_NEGATIVE, "marker": TEXT}

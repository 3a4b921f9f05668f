# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Schemas of /os-quota-sets, /os-quota-class-sets and /limits."""

from collections.abc import Iterable
from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.compute_api.projects.quotas import (
    INJECTED,
    NETWORK,
    RESOURCES,
    SERVER_GROUPS,
)
from minova.vocabulary.parameter_types import BOOLEAN, TEXT, body, only

_LIMIT: Final = {
    "type": ["integer", "string"],
    "pattern": "^-?[0-9]+$",
    "minimum": -1,
    "maximum": 0x7FFFFFFF,
    # Nova has no such limit, and fails for a number that Python cannot read.
    "maxLength": 255,
}

SHOWN: Final = Versioned(
    {
        "2.1": RESOURCES,
        "2.36": tuple(name for name in RESOURCES if name not in NETWORK),
        "2.57": tuple(name for name in RESOURCES if name not in NETWORK | INJECTED),
    }
)
"""The names in a quota set; all of them may be set."""

SHOWN_OF_CLASS: Final = Versioned(
    {
        "2.1": tuple(name for name in RESOURCES if name not in SERVER_GROUPS),
        "2.50": tuple(name for name in RESOURCES if name not in NETWORK),
        "2.57": tuple(name for name in RESOURCES if name not in NETWORK | INJECTED),
    }
)
"""The names in a quota class; until 2.49 more than these may be set."""


def _update(key: str, names: Iterable[str], **more: Any) -> Schema:
    return Schema(body(key, only(dict.fromkeys(names, _LIMIT) | more)))


QUOTA_UPDATE: Final = Versioned(
    {
        version: _update("quota_set", SHOWN.of(number), force=BOOLEAN)
        for version, number in (("2.1", (2, 1)), ("2.36", (2, 36)), ("2.57", (2, 57)))
    }
)
CLASS_UPDATE: Final = Versioned(
    {
        "2.1": _update("quota_class_set", RESOURCES),
        "2.50": _update("quota_class_set", SHOWN_OF_CLASS.of((2, 50))),
        "2.57": _update("quota_class_set", SHOWN_OF_CLASS.of((2, 57))),
    }
)

_USER: Final = {"user_id": TEXT}
QUOTA_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_USER), "2.75": QuerySchema(_USER, strict=True)}
)

_LIMITS: Final = {"tenant_id": TEXT}
LIMITS_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_LIMITS), "2.75": QuerySchema(_LIMITS, strict=True)}
)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /flavors and of the paths below a flavor."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.vocabulary.parameter_types import (
    BOOLEAN,
    DESCRIPTION,
    METADATA,
    NAME,
    PAGE,
    REGEX,
    TEXT,
    body,
    only,
)

_LARGEST: Final = 0x7FFFFFFF
_NON_NEGATIVE: Final[dict[str, Any]] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]+$",
    "minimum": 0,
    "maximum": _LARGEST,
}
_POSITIVE: Final = _NON_NEGATIVE | {"minimum": 1}
_DESCRIPTION: Final = DESCRIPTION | {"maxLength": 65535}
_FLAVOR: Final[dict[str, Any]] = {
    "name": NAME,
    "id": {
        "type": ["string", "number", "null"],
        "minLength": 1,
        "maxLength": 255,
        "pattern": r"^(?! )[a-zA-Z0-9. _-]+(?<! )$",
    },
    "ram": _POSITIVE,
    "vcpus": _POSITIVE,
    "disk": _NON_NEGATIVE,
    "OS-FLV-EXT-DATA:ephemeral": _NON_NEGATIVE,
    "swap": _NON_NEGATIVE,
    "rxtx_factor": {
        "type": ["number", "string"],
        "pattern": r"^[0-9]+(\.[0-9]+)?$",
        "exclusiveMinimum": 0,
        "maximum": 3.40282e38,
    },
    "os-flavor-access:is_public": BOOLEAN,
}


def _inside(key: str, properties: dict[str, Any], required: list[str]) -> Schema:
    """``{"key": {…}}``, with no other keys in either object."""
    return Schema(body(key, only(properties, *required)))


_REQUIRED: Final = ["name", "ram", "vcpus", "disk"]
_FLAVOR_255: Final = _FLAVOR | {"description": _DESCRIPTION}
_FLAVOR_2102: Final = {
    name: schema for name, schema in _FLAVOR_255.items() if name != "rxtx_factor"
}
FLAVOR_CREATE: Final = Versioned(
    {
        "2.1": _inside("flavor", _FLAVOR, _REQUIRED),
        "2.55": _inside("flavor", _FLAVOR_255, _REQUIRED),
        "2.102": _inside("flavor", _FLAVOR_2102, _REQUIRED),
    }
)
FLAVOR_UPDATE: Final = _inside("flavor", {"description": _DESCRIPTION}, ["description"])

# Nova accepts numbers and returns them in this answer, but stores strings.
_SPECS: Final = METADATA | {
    "patternProperties": {
        key: value | {"type": ["string", "number"]}
        for key, value in METADATA["patternProperties"].items()
    }
}
SPECS_CREATE: Final = Schema(body("extra_specs", _SPECS))
SPEC_UPDATE: Final = Schema(_SPECS | {"minProperties": 1, "maxProperties": 1})

_TENANT: Final = {"tenant": {"type": "string", "minLength": 1, "maxLength": 255}}
ACCESS: Final = {
    action: _inside(action, _TENANT, ["tenant"])
    for action in ("addTenantAccess", "removeTenantAccess")
}

_SORT_KEYS: Final = [
    *("created_at", "description", "disabled", "ephemeral_gb", "flavorid", "id"),
    *("is_public", "memory_mb", "name", "root_gb", "rxtx_factor", "swap"),
    *("updated_at", "vcpu_weight", "vcpus"),
]
_QUERY: Final = {
    **PAGE,
    "is_public": TEXT,
    "minRam": TEXT,
    "minDisk": TEXT,
    "sort_key": {"type": "string", "enum": _SORT_KEYS},
    "sort_dir": {"type": "string", "enum": ["asc", "desc"]},
}
_QUERY_2102: Final = _QUERY | {
    "name": REGEX,
    "sort_key": {
        "type": "string",
        "enum": [key for key in _SORT_KEYS if key != "rxtx_factor"],
    },
}
FLAVORS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema(_QUERY),
        "2.75": QuerySchema(_QUERY, strict=True),
        "2.102": QuerySchema(_QUERY_2102, strict=True),
    }
)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /os-server-groups."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.objects import server_group
from minova.vocabulary.parameter_types import (
    NAME,
    NON_NEGATIVE,
    POSITIVE,
    TEXT,
    body,
    only,
)

_STRICT: Final = [server_group.ANTI_AFFINITY, server_group.AFFINITY]
_ALL: Final = [
    *_STRICT,
    server_group.SOFT_ANTI_AFFINITY,
    server_group.SOFT_AFFINITY,
]


def _one_of(names: list[str]) -> Schema:
    policies: dict[str, Any] = {
        "type": "array",
        "prefixItems": [{"type": "string", "enum": names}],
        "uniqueItems": True,
        "minItems": 1,
        "maxItems": 1,
    }
    fields = only({"name": NAME, "policies": policies}, "name", "policies")
    return Schema(body("server_group", fields))


GROUP_CREATE: Final = Versioned(
    {
        "2.1": _one_of(_STRICT),
        "2.15": _one_of(_ALL),
        "2.64": Schema(
            body(
                "server_group",
                only(
                    {
                        "name": NAME,
                        "policy": {"type": "string", "enum": _ALL},
                        "rules": only({server_group.MAX_PER_HOST: POSITIVE}),
                    },
                    "name",
                    "policy",
                ),
            )
        ),
    }
)

_PAGE: Final[dict[str, Any]] = {
    "all_projects": TEXT,
    "limit": NON_NEGATIVE,
    "offset": NON_NEGATIVE,
}
GROUPS_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_PAGE), "2.75": QuerySchema(_PAGE, strict=True)}
)

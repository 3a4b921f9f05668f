# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The schemas of the answers."""

from collections.abc import Iterable
from typing import Any, Final

from minova.api.front.request import Request
from minova.api.own_api.shapes import DIALECT, LINKS, Shape, link, record

_LISTED: Final = record(name={"type": "string", "minLength": 1}, links=LINKS)
SCHEMAS: Final = Shape(
    "schemas", record(schemas={"type": "array", "minItems": 1, "items": _LISTED})
)
SCHEMA: Final = Shape(
    "schema", {"$ref": DIALECT, "type": "object", "required": ["$schema"]}
)


def schemas(req: Request, names: Iterable[str]) -> dict[str, Any]:
    return {
        "schemas": [
            {"name": name, "links": [link(req, "self", f"v1/schemas/{name}")]}
            for name in names
        ]
    }


def schema(shape: Shape) -> dict[str, Any]:
    return {"$schema": DIALECT, **shape.schema}

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The shapes of answers; each answer links to its JSON schema."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import falcon

from minova.api.front.request import Request

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Shape(NamedTuple):
    """A JSON schema (draft 2020-12) of an answer.

    Attributes:
        name: the name under ``/minova/v1/schemas``.
        schema: the schema without ``$schema``, which is added when it is served.
    """

    name: str
    schema: Mapping[str, Any]


def record(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


LINKS: Final = {
    "type": "array",
    "minItems": 1,
    "items": record(
        rel={"enum": ["self", "describedby"]},
        href={"type": "string", "pattern": "^https?://"},
    ),
}


def link(req: Request, rel: str, path: str) -> dict[str, str]:
    """A link to something under ``/minova``, such as ``v1/schemas``."""
    return {"rel": rel, "href": f"{req.prefix}/{path}"}


def answer(
    req: Request, resp: falcon.Response, shape: Shape, shown: Mapping[str, Any]
) -> None:
    """Answer with a document and a ``Link`` to its schema."""
    resp.media = shown
    resp.append_link(f"{req.prefix}/v1/schemas/{shape.name}", "describedby")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The versions of minova's own API, in OpenStack's format."""

from typing import Any, Final

from minova.api.front.request import Request
from minova.api.own_api.shapes import LINKS, Shape, link, record

_VERSION: Final = record(
    id={"type": "string", "pattern": "^v[1-9][0-9]*$"},
    status={"enum": ["CURRENT", "SUPPORTED", "DEPRECATED", "EXPERIMENTAL"]},
    links=LINKS,
)
VERSIONS: Final = Shape(
    "versions", record(versions={"type": "array", "minItems": 1, "items": _VERSION})
)
VERSION: Final = Shape("version", record(version=_VERSION))


def versions(req: Request) -> dict[str, Any]:
    return {"versions": [_v1(req)]}


def version(req: Request) -> dict[str, Any]:
    shown = _v1(req)
    shown["links"].append(link(req, "describedby", "v1/schemas"))
    return {"version": shown}


def _v1(req: Request) -> dict[str, Any]:
    return {"id": "v1", "status": "CURRENT", "links": [link(req, "self", "v1/")]}

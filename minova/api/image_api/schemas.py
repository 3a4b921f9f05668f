# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""GET /v2/schemas/…: the JSON schemas of images."""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import falcon

from minova.api.front.request import Request

_TEXT: Final = {"type": "string"}
_IMAGE: Final[dict[str, Any]] = json.loads(
    resources.files("minova.api.image_api").joinpath("image.json").read_text()
)

DOCUMENTS: Final[Mapping[str, dict[str, Any]]] = {
    "image": _IMAGE,
    "images": {
        "name": "images",
        "properties": {
            "images": {"type": "array", "items": _IMAGE},
            "first": _TEXT,
            "next": _TEXT,
            "schema": _TEXT,
        },
        "links": [
            {"rel": "first", "href": "{first}"},
            {"rel": "next", "href": "{next}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    },
}


class SchemaResource:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = self._document

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""GET /v2/schemas/…: what an image may look like."""

from collections.abc import Mapping
from typing import Any, Final

import falcon

from minova.api.front.request import Request

_TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["null", "string"]}
_MAYBE_NUMBER: Final = {"type": ["null", "integer"]}
_UUID: Final = (
    "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}"
    "-([0-9a-fA-F]){12}$"
)
_STATUSES: Final = [
    "queued", "saving", "active", "killed", "deleted", "uploading", "importing",
    "pending_delete", "deactivated",
]  # fmt: skip

_PROPERTIES: Final[dict[str, Any]] = {
    "id": {"type": "string", "pattern": _UUID},
    "name": {"type": ["null", "string"], "maxLength": 255},
    "status": {"type": "string", "enum": _STATUSES, "readOnly": True},
    "visibility": {
        "type": "string",
        "enum": ["community", "public", "private", "shared"],
    },
    "protected": {"type": "boolean"},
    "os_hidden": {"type": "boolean"},
    "owner": {"type": ["null", "string"], "maxLength": 255},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 255}},
    "size": {**_MAYBE_NUMBER, "readOnly": True},
    "virtual_size": {**_MAYBE_NUMBER, "readOnly": True},
    "min_ram": {"type": "integer"},
    "min_disk": {"type": "integer"},
    "container_format": {"type": ["null", "string"], "enum": [None, "aki", "bare"]},
    "disk_format": {"type": ["null", "string"], "enum": [None, "aki", "raw", "qcow2"]},
    "checksum": {**_MAYBE_TEXT, "maxLength": 32, "readOnly": True},
    "os_hash_algo": {**_MAYBE_TEXT, "maxLength": 64, "readOnly": True},
    "os_hash_value": {**_MAYBE_TEXT, "maxLength": 128, "readOnly": True},
    "created_at": {**_TEXT, "readOnly": True},
    "updated_at": {**_TEXT, "readOnly": True},
    "self": {**_TEXT, "readOnly": True},
    "file": {**_TEXT, "readOnly": True},
    "schema": {**_TEXT, "readOnly": True},
}

_IMAGE: Final[dict[str, Any]] = {
    "name": "image",
    "properties": _PROPERTIES,
    "additionalProperties": _TEXT,
    "links": [
        {"rel": "self", "href": "{self}"},
        {"rel": "enclosure", "href": "{file}"},
        {"rel": "describedby", "href": "{schema}"},
    ],
}

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
    """One schema."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = self._document

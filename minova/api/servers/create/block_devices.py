# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Schemas of the two forms of ``block_device_mapping`` in POST /servers."""

from typing import Any, Final

from minova.vocabulary.parameter_types import BOOLEAN, TAG, only

_ID: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9._-]*$",
}
_SHORT: Final = {"type": "string", "maxLength": 255}
_UUID: Final = {"type": "string", "format": "uuid"}

_LEGACY: Final[dict[str, Any]] = {
    "virtual_name": _SHORT,
    "volume_id": _UUID,
    "snapshot_id": _UUID,
    "volume_size": {
        "type": ["integer", "string"],
        "pattern": "^[0-9]+$",
        "minimum": 1,
        "maximum": 0x7FFFFFFF,
    },
    "device_name": _ID | {"pattern": "^[a-zA-Z0-9._/-]*$"},
    "delete_on_termination": BOOLEAN,
    "no_device": {},
    "connection_info": {"type": "string", "maxLength": 16777215},
}
_V2: Final = _LEGACY | {
    "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
    "uuid": _ID,
    "image_id": _UUID,
    "destination_type": {"type": "string", "enum": ["local", "volume"]},
    "guest_format": _SHORT,
    "device_type": _SHORT,
    "disk_bus": _SHORT,
    "boot_index": {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$"},
}
_VOLUME_TYPE: Final = {"type": ["string", "null"], "minLength": 0, "maxLength": 255}


def _list_of(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": only(properties)}


LEGACY_BLOCK_DEVICES: Final = _list_of(_LEGACY)
BLOCK_DEVICES: Final = {
    "2.1": _list_of(_V2),
    "2.32": _list_of(_V2 | {"tag": TAG}),
    "2.67": _list_of(_V2 | {"tag": TAG, "volume_type": _VOLUME_TYPE}),
}
"""``block_device_mapping_v2``, by the version that changed it."""

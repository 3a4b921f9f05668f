# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Schemas of a server's ports (os-interface) and volumes (os-volume_attachments)."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.vocabulary.parameter_types import (
    BOOLEAN,
    NON_NEGATIVE,
    TAG,
    UUID,
    body,
    only,
)

_ADDRESS: Final = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
_PORT: Final[dict[str, Any]] = {
    "net_id": UUID,
    "port_id": UUID,
    "fixed_ips": {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": only({"ip_address": _ADDRESS}, "ip_address"),
    },
}


def _attach(properties: dict[str, Any]) -> Schema:
    return Schema(only({"interfaceAttachment": only(properties)}))


INTERFACE_ATTACH: Final = Versioned(
    {"2.1": _attach(_PORT), "2.49": _attach({**_PORT, "tag": TAG})}
)

_DEVICE: Final = {
    "type": ["string", "null"],
    "pattern": "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$",
}
_VOLUME: Final[dict[str, Any]] = {"volumeId": UUID}


def _volume(properties: dict[str, Any]) -> Schema:
    return Schema(body("volumeAttachment", only(_VOLUME | properties, "volumeId")))


VOLUME_ATTACH: Final = Versioned(
    {
        "2.1": _volume({"device": _DEVICE}),
        "2.49": _volume({"device": _DEVICE, "tag": TAG}),
        "2.79": _volume(
            {"device": _DEVICE, "tag": TAG, "delete_on_termination": BOOLEAN}
        ),
    }
)
VOLUME_UPDATE: Final = Versioned(
    {
        "2.1": _volume({}),
        "2.85": _volume(
            {
                "device": _DEVICE,
                "tag": TAG,
                "delete_on_termination": BOOLEAN,
                "serverId": UUID,
                "id": UUID,
            }
        ),
    }
)

_PAGE: Final = {"limit": NON_NEGATIVE, "offset": NON_NEGATIVE}
VOLUMES_QUERY: Final = Versioned(
    {"2.1": QuerySchema(_PAGE), "2.75": QuerySchema(_PAGE, strict=True)}
)

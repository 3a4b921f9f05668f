# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /os-server-external-events."""

from typing import Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import body, only

_NAMES: Final = (
    "network-changed",
    "network-vif-plugged",
    "network-vif-unplugged",
    "network-vif-deleted",
)


def _create(*names: str) -> Schema:
    statuses = ["failed", "completed", "in-progress"]
    properties = {
        "server_uuid": {"type": "string", "format": "uuid"},
        "name": {"type": "string", "enum": list(names)},
        "status": {"type": "string", "enum": statuses},
        "tag": {"type": "string", "maxLength": 255},
    }
    event = only(properties, "name", "server_uuid")
    return Schema(body("events", {"type": "array", "minItems": 1, "items": event}))


_SINCE_251: Final = (*_NAMES, "volume-extended")
_SINCE_276: Final = (*_SINCE_251, "power-update")
_SINCE_282: Final = (*_SINCE_276, "accelerator-request-bound")
EVENTS_CREATE: Final = Versioned(
    {
        "2.1": _create(*_NAMES),
        "2.51": _create(*_SINCE_251),
        "2.76": _create(*_SINCE_276),
        "2.82": _create(*_SINCE_282),
        "2.93": _create(*_SINCE_282, "volume-reimaged"),
    }
)

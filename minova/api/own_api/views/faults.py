# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The ordered faults, and what they did."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

from minova.api.faults import kinds
from minova.api.faults.fault import Fault
from minova.api.own_api.shapes import Shape, record

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}

_STRIKE: Final = record(
    at=_TEXT,
    request_id=_TEXT_OR_NULL,
    project_id=_TEXT_OR_NULL,
    server_id=_TEXT_OR_NULL,
    host=_TEXT_OR_NULL,
    action=_TEXT_OR_NULL,
)
_FAULT: Final = record(
    id=_TEXT,
    kind={"enum": [kind.name for kind in kinds.ALL]},
    **{
        name: {"anyOf": [schema, {"type": "null"}]}
        for name, schema in kinds.VALUES.items()
        if name not in kinds.OFTEN
    },
    times=kinds.VALUES["times"],
    probability=kinds.VALUES["probability"],
    seed=_COUNT,
    ordered_at=_TEXT,
    met=_COUNT,
    struck=_COUNT,
    strikes={"type": "array", "items": _STRIKE},
)
FAULTS: Final = Shape("faults", record(faults={"type": "array", "items": _FAULT}))
FAULT: Final = Shape("fault", record(fault=_FAULT))


def faults(found: Iterable[Fault]) -> dict[str, Any]:
    return {"faults": [_shown(each) for each in found]}


def fault(one: Fault) -> dict[str, Any]:
    return {"fault": _shown(one)}


def _shown(one: Fault) -> dict[str, Any]:
    times = "always" if one.times is None else one.times
    return dataclasses.asdict(one) | {"times": times}

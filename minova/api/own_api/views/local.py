# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in one process, and the requests that it got."""

from typing import Any, Final

from minova.api.own_api.shapes import Shape, record

_TEXT: Final = {"type": "string"}
_NAMES: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_COUNT: Final = {"type": "integer", "minimum": 0}
_ANYTHING: Final[dict[str, Any]] = {"description": "the JSON that was sent, or null"}

CLOUD: Final = Shape(
    "cloud",
    record(
        cloud=record(
            hosts=_NAMES,
            servers=_COUNT,
            requests=_COUNT,
            database=_TEXT,
            clouds_yaml=_TEXT,
            identity_url={"type": ["string", "null"]},
            logs=_NAMES,
            started_at=_TEXT,
        )
    ),
)
_REQUEST: Final = record(
    at=_TEXT,
    project_id={"type": ["string", "null"]},
    method=_TEXT,
    path=_TEXT,
    query=_TEXT,
    microversion={"type": ["string", "null"]},
    body=_ANYTHING,
    status=_COUNT,
    request_id={"type": ["string", "null"]},
    user_agent={"type": ["string", "null"]},
    faults=_NAMES,
)
REQUESTS: Final = Shape(
    "requests", record(requests={"type": "array", "items": _REQUEST})
)


def cloud(facts: dict[str, Any]) -> dict[str, Any]:
    return {"cloud": facts}


def requests(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"requests": entries}

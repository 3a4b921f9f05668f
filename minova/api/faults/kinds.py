# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of the kinds of faults: what an order says, and which part fails."""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, Final


class Part(enum.Enum):
    """The part of a cloud that fails."""

    ANSWERS = "the answers of n-api"
    SCHEDULER = "the scheduler"
    BROKER = "the broker"
    HOST = "a compute host"
    HYPERVISOR = "the hypervisor"
    GUEST = "a guest"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row of the table; ``needs`` and ``takes`` are keys of ``VALUES``.

    Attributes:
        what: what happens, in words for people.
        needs: what an order must say.
        takes: what an order may say, besides ``OFTEN``.
        times: how often the fault strikes unless the order says it; None is always.
        at_once: the fault strikes when it is ordered, or lasts until it is taken back.
            It waits for no request, so an order does not say how often.
    """

    name: str
    what: str
    part: Part
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    times: int | None = 1
    at_once: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Every key that an order may have."""
        return (*self.needs, *self.takes, *(() if self.at_once else OFTEN))


_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_SECONDS: Final = {"type": "number", "exclusiveMinimum": 0, "maximum": 3600}

VALUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "server": _TEXT,
    "project_id": _TEXT,
    "host": _TEXT,
    "action": _TEXT,
    "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]},
    "path": {**_TEXT, "pattern": "^/"},
    "seconds": _SECONDS,
    "message": _TEXT,
    "status": {"enum": [429, 500, 502, 503, 504]},
    "retry_after": {"type": "integer", "minimum": 0, "maximum": 3600},
    "performed": {"type": "boolean"},
    "times": {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "always"}]},
    "probability": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
}
"""The keys of an order, and the JSON schema of each."""

OFTEN: Final = ("times", "probability", "seed")
_OF_ACTIONS: Final = ("server", "project_id", "host")
_OF_ANSWERS: Final = ("server", "project_id", "action", "method", "path")

ACTION_FAILS: Final = Kind(
    name="action-fails",
    what="the hypervisor fails at an action",
    part=Part.HYPERVISOR,
    needs=("action",),
    takes=(*_OF_ACTIONS, "message"),
)
ACTION_TAKES: Final = Kind(
    name="action-takes",
    what="an action takes some seconds",
    part=Part.HYPERVISOR,
    needs=("action", "seconds"),
    takes=_OF_ACTIONS,
)
ACTION_HANGS: Final = Kind(
    name="action-hangs",
    what="an action does not end until the fault is removed",
    part=Part.HYPERVISOR,
    needs=("action",),
    takes=_OF_ACTIONS,
)
NO_VALID_HOST: Final = Kind(
    name="no-valid-host",
    what="a create or a resize finds no host",
    part=Part.SCHEDULER,
    takes=("action", "server", "project_id"),
)
BROKER_AWAY: Final = Kind(
    name="broker-away",
    what="no message is delivered: 503",
    part=Part.BROKER,
    takes=(*_OF_ACTIONS, "action"),
    times=None,
)
HOST_DOWN: Final = Kind(
    name="host-down",
    what="a compute host is down until the fault is removed",
    part=Part.HOST,
    needs=("host",),
    times=None,
    at_once=True,
)
ANSWER: Final = Kind(
    name="answer",
    what="the answer is 429, 500, 502, 503 or 504",
    part=Part.ANSWERS,
    needs=("status",),
    takes=(*_OF_ANSWERS, "retry_after", "performed"),
)
ANSWER_LATE: Final = Kind(
    name="answer-late",
    what="the answer is late by some seconds",
    part=Part.ANSWERS,
    needs=("seconds",),
    takes=_OF_ANSWERS,
)
ANSWER_CUT: Final = Kind(
    name="answer-cut",
    what="the connection ends in the middle of the answer",
    part=Part.ANSWERS,
    takes=_OF_ANSWERS,
)
TOKEN_EXPIRES: Final = Kind(
    name="token-expires",
    what="the token is no longer good: 401",
    part=Part.ANSWERS,
    takes=_OF_ANSWERS,
)
GUEST_CRASHES, GUEST_STOPS, GUEST_PAUSES = (
    Kind(
        name=name,
        what=what,
        part=Part.GUEST,
        needs=("server",),
        takes=("project_id",),
        at_once=True,
    )
    for name, what in (
        ("guest-crashes", "a guest crashes"),
        ("guest-stops", "a guest is stopped behind Nova's back"),
        ("guest-pauses", "a guest is paused behind Nova's back"),
    )
)

ALL: Final = (
    ACTION_FAILS,
    ACTION_TAKES,
    ACTION_HANGS,
    NO_VALID_HOST,
    BROKER_AWAY,
    HOST_DOWN,
    GUEST_CRASHES,
    GUEST_STOPS,
    GUEST_PAUSES,
    ANSWER,
    ANSWER_LATE,
    ANSWER_CUT,
    TOKEN_EXPIRES,
)
BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in ALL}


def of_part(part: Part) -> tuple[Kind, ...]:
    return tuple(kind for kind in ALL if kind.part is part)

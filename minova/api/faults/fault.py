# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A fault that was ordered, and the meetings at which it may strike."""

import dataclasses
import datetime
import fnmatch
import random
from typing import Any, Final

from oslo_utils import uuidutils

from minova.api.faults import kinds
from minova.api.faults.kinds import Kind

_REMEMBERED: Final = 1000
"""How many strikes a fault keeps; the oldest are forgotten."""
_EQUAL: Final = ("project_id", "host", "action", "method")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Something that a fault may strike. Unknown or missing values are None.

    Attributes:
        path: the path after ``/v2.1``, or after ``/v2.1/{project_id}``.
    """

    request_id: str | None = None
    project_id: str | None = None
    server_id: str | None = None
    server_name: str | None = None
    host: str | None = None
    action: str | None = None
    method: str | None = None
    path: str | None = None


@dataclasses.dataclass(slots=True, kw_only=True)
class Fault:
    """An order, and what it has done so far; all of it is JSON.

    Attributes:
        server: an id, or the name of a server that does not exist yet.
        times: how often the fault strikes; None is always.
        met: how many meetings it has counted, whether it struck or not.
        strikes: the meetings that it struck, the latest last.
    """

    kind: str
    server: str | None = None
    project_id: str | None = None
    host: str | None = None
    action: str | None = None
    method: str | None = None
    path: str | None = None
    seconds: float | None = None
    message: str | None = None
    status: int | None = None
    retry_after: int | None = None
    performed: bool | None = None
    times: int | None = None
    probability: float = 1
    seed: int = dataclasses.field(default_factory=lambda: random.getrandbits(32))
    id: str = dataclasses.field(default_factory=uuidutils.generate_uuid)
    ordered_at: str = dataclasses.field(default_factory=_now)
    met: int = 0
    struck: int = 0
    strikes: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    @property
    def is_confined(self) -> bool:
        """Whether it is limited to a server, a project, a host or an action."""
        wanted = (self.server, self.project_id, self.host, self.action)
        return any(value is not None for value in wanted)

    def strikes_at(self, meeting: Meeting) -> bool:
        """Count a meeting that fits the order, and say whether the fault strikes.

        At the n-th meeting this depends on the seed and the probability alone.
        """
        if self.is_spent or not self._is_meant_for(meeting):
            return False
        drawn = random.Random(f"{self.seed} {self.met}").random()  # noqa: S311
        if drawn >= self.probability:
            self.met += 1
            return False
        self.note(meeting)
        return True

    def note(self, meeting: Meeting) -> None:
        """Record a strike."""
        self.met += 1
        self.struck += 1
        noted = ("request_id", "project_id", "server_id", "host", "action")
        strike = {name: getattr(meeting, name) for name in noted}
        self.strikes.append({"at": _now()} | strike)
        del self.strikes[:-_REMEMBERED]

    def _is_meant_for(self, meeting: Meeting) -> bool:
        for name in _EQUAL:
            if getattr(self, name) not in (None, getattr(meeting, name)):
                return False
        if self.server not in (None, meeting.server_id, meeting.server_name):
            return False
        return self.path is None or fnmatch.fnmatchcase(meeting.path or "", self.path)


def make(kind: Kind, values: dict[str, Any]) -> Fault:
    """Make the fault of an order that was checked."""
    times = values.get("times", kind.times)
    often = {"times": None if times == "always" else times}
    return Fault(**values | often, kind=kind.name)


def kind_of(fault: Fault) -> Kind:
    return kinds.BY_NAME[fault.kind]

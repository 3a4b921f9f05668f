# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One fault that was ordered, and what it may meet."""

import dataclasses
import datetime
import fnmatch
import random
from typing import Any, Final

from oslo_utils import uuidutils

from minova.api.faults import kinds
from minova.api.faults.kinds import Kind

_REMEMBERED: Final = 1000
"""Strikes that a fault tells of; the oldest are forgotten."""
_EQUAL: Final = ("project_id", "host", "action", "method")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Something that a fault may strike; None is what is not known, or not the case.

    Attributes:
        path: behind ``/v2.1``, and behind the project there.
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
    """An order, and what became of it; all of it is JSON.

    Attributes:
        server: an id, or the name of one that is to be created.
        times: how often it strikes; None is always.
        met: how often it might have struck, as far as its probability was asked.
        strikes: what it did, the latest last.
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
        """Whether it leaves some requests alone, whatever the time."""
        wanted = (self.server, self.project_id, self.host, self.action)
        return any(value is not None for value in wanted)

    def strikes_at(self, meeting: Meeting) -> bool:
        """Meet what it is meant for: it is counted, and strikes or not.

        Whether it does, of the n-th meeting, depends on the seed alone.
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
        """Put on record what it did."""
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
    """A fault of an order that was found right."""
    times = values.get("times", kind.times)
    often = {"times": None if times == "always" else times}
    return Fault(**values | often, kind=kind.name)


def kind_of(fault: Fault) -> Kind:
    return kinds.BY_NAME[fault.kind]

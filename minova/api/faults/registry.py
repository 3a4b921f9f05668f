# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The faults that there are: asked by each part that may fail."""

import contextlib
import copy
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from typing import Final, Protocol

from oslo_log import log as logging

from minova import exception
from minova.api.faults.fault import Fault, Meeting, kind_of
from minova.api.faults.kinds import Kind

LOG = logging.getLogger(__name__)

_AT_MOST: Final = 1000
"""Faults, those that are spent too."""
_REQUESTS: Final = 10_000
"""Of which it is known which faults touched them."""
_LOOK_AGAIN: Final = 0.25
"""Seconds."""


class Store(Protocol):
    """Where faults are kept."""

    def reading(self) -> contextlib.AbstractContextManager[list[Fault]]: ...

    def changing(self) -> contextlib.AbstractContextManager[list[Fault]]:
        """Have them for oneself; they are kept as they are at the end."""
        ...


class Memory:
    """The faults of one process."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def changing(self) -> Iterator[list[Fault]]:
        with self._lock:
            yield self._faults

    reading = changing


class Faults:
    """All of them.  Any thread may ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fewer = threading.Condition()
        self._touched: OrderedDict[str, list[str]] = OrderedDict()

    def add(self, fault: Fault) -> None:
        """Have it strike from now on; raises Conflict: there are too many."""
        with self._store.changing() as faults:
            if len(faults) >= _AT_MOST:
                raise exception.Conflict(
                    f"There are {_AT_MOST} faults already. Remove some of them."
                )
            faults.append(fault)

    def listed(self, project_id: str | None = None) -> list[Fault]:
        """Those for a project, or all, as they are now; the oldest order first."""
        with self._store.reading() as faults:
            found = [f for f in faults if project_id in (None, f.project_id)]
            return copy.deepcopy(found)

    def remove(self, chosen: Callable[[Fault], bool]) -> list[Fault]:
        """Take some back; what they hold up goes on."""
        with self._store.changing() as faults:
            removed = [fault for fault in faults if chosen(fault)]
            faults[:] = [fault for fault in faults if fault not in removed]
        with self._fewer:
            self._fewer.notify_all()
        return removed

    def strike(self, some: Collection[Kind], meeting: Meeting) -> list[Fault]:
        """Which faults strike now, counted and on record; the oldest order first."""
        names = {kind.name for kind in some}
        with self._store.reading() as faults:
            if all(fault.kind not in names or fault.is_spent for fault in faults):
                return []
        with self._store.changing() as faults:
            struck = [
                copy.copy(fault)
                for fault in faults
                if fault.kind in names and fault.strikes_at(meeting)
            ]
        self._note(struck, meeting)
        for fault in struck:
            LOG.warning(
                "Fault %s was ordered: %s",
                fault.id,
                kind_of(fault).what,
                instance_uuid=meeting.server_id,
            )
        return struck

    def note(self, fault_id: str, meeting: Meeting) -> None:
        """Put on record what a fault did that nobody had to meet."""
        with self._store.changing() as faults:
            found = [fault for fault in faults if fault.id == fault_id]
            for fault in found:
                fault.note(meeting)
        self._note(found, meeting)

    def touched(self, request_id: str | None) -> list[str]:
        """The ids of the faults that touched a request, those taken back too."""
        return list(self._touched.get(request_id or "", ()))

    def forget_requests(self) -> None:
        """Know of no request any more."""
        self._touched.clear()

    def is_there(self, fault_id: str) -> bool:
        with self._store.reading() as faults:
            return any(fault.id == fault_id for fault in faults)

    def hold(
        self,
        fault: Fault,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait for as long as a fault says, at most until it is taken back.

        Args:
            until: is asked a few times a second whether nobody waits any more.
        """
        ends = None if fault.seconds is None else time.monotonic() + fault.seconds
        while self.is_there(fault.id) and not until():
            left = _LOOK_AGAIN if ends is None else ends - time.monotonic()
            if left <= 0:
                return
            with self._fewer:
                self._fewer.wait(min(left, _LOOK_AGAIN))

    def _note(self, struck: list[Fault], meeting: Meeting) -> None:
        if meeting.request_id is None or not struck:
            return
        known = self._touched.setdefault(meeting.request_id, [])
        known += [fault.id for fault in struck]
        if len(self._touched) > _REQUESTS:
            with contextlib.suppress(KeyError):
                self._touched.popitem(last=False)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The registry of faults; each part that may fail asks it."""

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
"""Faults, including spent ones."""
_REQUESTS: Final = 10_000
"""How many requests are remembered with the faults that affected them."""
_LOOK_AGAIN: Final = 0.25
"""Seconds between two checks while a fault holds something up."""


class Store(Protocol):
    """Keeps the faults."""

    def reading(self) -> contextlib.AbstractContextManager[list[Fault]]: ...

    def changing(self) -> contextlib.AbstractContextManager[list[Fault]]:
        """Lock the faults; the store keeps the list as it is at the end."""
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
    """All faults of a store; safe for any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fewer = threading.Condition()
        self._touched: OrderedDict[str, list[str]] = OrderedDict()

    def add(self, fault: Fault) -> None:
        """Add a fault; raises Conflict: there are too many."""
        with self._store.changing() as faults:
            if len(faults) >= _AT_MOST:
                raise exception.Conflict(
                    f"There are {_AT_MOST} faults already. Remove some of them."
                )
            faults.append(fault)

    def listed(self, project_id: str | None = None) -> list[Fault]:
        """Copy the faults of a project, or all; the oldest order first."""
        with self._store.reading() as faults:
            found = [f for f in faults if project_id in (None, f.project_id)]
            return copy.deepcopy(found)

    def remove(self, chosen: Callable[[Fault], bool]) -> list[Fault]:
        """Remove the chosen faults and wake the threads that they hold up."""
        with self._store.changing() as faults:
            removed = [fault for fault in faults if chosen(fault)]
            faults[:] = [fault for fault in faults if fault not in removed]
        with self._fewer:
            self._fewer.notify_all()
        return removed

    def strike(self, some: Collection[Kind], meeting: Meeting) -> list[Fault]:
        """Count a meeting; return the faults that strike, the oldest order first."""
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
        """Record a strike that ``strike`` did not decide."""
        with self._store.changing() as faults:
            found = [fault for fault in faults if fault.id == fault_id]
            for fault in found:
                fault.note(meeting)
        self._note(found, meeting)

    def touched(self, request_id: str | None) -> list[str]:
        """The ids of the faults that affected a request, even if taken back since."""
        return list(self._touched.get(request_id or "", ()))

    def forget_requests(self) -> None:
        """Forget which faults affected which request."""
        self._touched.clear()

    def is_there(self, fault_id: str) -> bool:
        with self._store.reading() as faults:
            return any(fault.id == fault_id for fault in faults)

    def hold(
        self,
        fault: Fault,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait as long as a fault says, or until it is taken back.

        Args:
            until: called a few times a second; True means that nobody waits any more.
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

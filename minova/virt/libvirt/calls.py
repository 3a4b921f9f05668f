# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Calls of libvirt that may hang, on threads that nobody has to wait for.

A call of libvirt cannot be cancelled: while libvirtd or a guest's QEMU stands still, it
does not return.  What waits for it must be able to leave, and the thread that is lost
to it must be the only one.  Keep-alive is no way out: of several calls on a connection
that it gives up, libvirt 9.0 lets one return, and the others when libvirtd goes on.
"""

import dataclasses
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from oslo_context import context
from oslo_log import log as logging

from minova import exception
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

T = TypeVar("T")

HYPERVISOR: Final = ""
"""In place of a UUID: a call that is about no guest but about the host."""

_IDLE: Final = 1.0
"""Seconds that a thread waits for another call before it ends."""


@dataclasses.dataclass(eq=False)
class _Call:
    """A call that somebody waits for.

    Attributes:
        is_left: nobody waits for it any more.
    """

    what: str
    timeout: float
    is_long: bool
    began: float = dataclasses.field(default_factory=time.monotonic)
    returned: threading.Event = dataclasses.field(default_factory=threading.Event)
    is_left: bool = False
    value: Any = None
    error: BaseException | None = None

    @property
    def is_overdue(self) -> bool:
        return self.seconds > self.timeout

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Calls:
    """One call at a time for each guest, beside a long one if need be.

    The host counts as one more guest.
    """

    def __init__(self, timeout: float, returned: Callable[[str], None]) -> None:
        """Start no thread yet.

        Args:
            timeout: seconds that anybody waits for a call.
            returned: told the UUID when a call that nobody waited for any more has come
                back after all, on the thread of that call.
        """
        self._timeout = timeout
        self._returned = returned
        self._changed = threading.Condition()
        self._calls: dict[str, list[_Call]] = {}
        self._mine = threading.local()
        self._tasks: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        """How many threads will take a task that is put into the queue."""

    def run(
        self,
        uuid: str,
        what: str,
        function: Callable[[], T],
        patience: float | None = None,
        longer: float | None = None,
    ) -> T:
        """Run a function on another thread, and wait for it within the bound.

        The next call for the same guest waits for this one, so that a guest never has
        more than one thread; after this one's time is up it does not wait at all.

        Args:
            patience: seconds to wait, if less than for others.  It is for what changes
                nothing: the call keeps its time, and what comes next may wait for it.
            longer: seconds more than for others, for what moves a guest's memory.  As
                long as it is in time, nothing waits for such a call: libvirt answers
                for the guest meanwhile, and who changes guests takes turns anyway.

        Raises:
            CallTimedOut: no answer in time; the call goes on by itself.
            CallStillHangs: an earlier one has not come back; nothing was done.
        """
        timeout = self._timeout + (longer or 0)
        wait = timeout if patience is None else min(patience, timeout)
        call = _Call(what, timeout, is_long=longer is not None)
        self._take_turn(uuid, call, min(wait, self._timeout))
        caller = context.get_current()
        self._tasks.put((uuid, call, function, caller))
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._serve, name="libvirt", daemon=True).start()
        call.returned.wait(wait)
        with self._changed:
            if not call.returned.is_set():
                call.is_left = True
                self._changed.notify_all()
                raise exception.CallTimedOut(what, wait)
        if call.error is not None:
            raise call.error
        value: T = call.value
        return value

    def still_wanted(self) -> None:
        """To be asked between finding a guest and changing it, within ``run``.

        Raises:
            CallTimedOut: the one who asked for the change was told that it failed.
        """
        call: _Call | None = getattr(self._mine, "call", None)
        if call is not None and call.is_overdue:
            raise exception.CallTimedOut(call.what, call.timeout)

    def _take_turn(self, uuid: str, call: _Call, wait: float) -> None:
        with self._changed:
            while (before := self._in_the_way(uuid, call)) is not None:
                left = wait - before.seconds
                if before.is_overdue or left <= 0:
                    raise exception.CallStillHangs(
                        before.what, before.seconds, call.what
                    )
                # Woken at its return as well as when its time is up.
                self._changed.wait(left)
            call.began = time.monotonic()
            self._calls.setdefault(uuid, []).append(call)

    def _in_the_way(self, uuid: str, call: _Call) -> _Call | None:
        for before in self._calls.get(uuid, []):
            if call.is_long or not before.is_long or before.is_overdue:
                return before
        return None

    def _serve(self) -> None:
        """One call after the other, until there is none for a while."""
        while True:
            try:
                task = self._tasks.get(timeout=_IDLE)
            except queue.Empty:
                if self._idle.acquire(blocking=False):
                    return
                # Somebody counts on this thread.
                task = self._tasks.get()
            self._work(*task)

    def _work(
        self,
        uuid: str,
        call: _Call,
        function: Callable[[], Any],
        caller: context.RequestContext | None,
    ) -> None:
        # The thread may have served another request before.
        (caller or RequestContext.service()).update_store()
        self._mine.call = call
        try:
            call.value = function()
        except BaseException as error:  # raised again where it is waited for
            call.error = error
        with self._changed:
            self._calls[uuid].remove(call)
            if not self._calls[uuid]:
                del self._calls[uuid]
            # Before who waits can make the next call: it is for this thread.
            self._idle.release()
            call.returned.set()
            self._changed.notify_all()
        if call.is_left and call.is_overdue:
            LOG.warning(
                "The hypervisor call (%s) returned after %.1f s: %s",
                call.what,
                call.seconds,
                call.error or "done",
                instance_uuid=uuid or None,
            )
            self._returned(uuid)

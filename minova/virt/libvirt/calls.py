# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Calls to libvirt, on threads of their own because a call may hang (ADR 14).

A call to libvirt cannot be cancelled, and does not return while libvirtd or a guest's
QEMU hangs.  So its caller must be able to give up, and only one thread may be lost.
Keep-alive does not help: when it closes a connection, libvirt 9.0 lets only one of
several calls return.
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
"""Used in place of a UUID: the call is about the host, not about a guest."""

_IDLE: Final = 1.0
"""Seconds that an idle thread waits for the next call before it ends."""


@dataclasses.dataclass(eq=False)
class _Call:
    """A call, with its time limit and its result.

    Attributes:
        is_left: whether the caller has given up waiting.
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
    """Runs one call at a time for each guest.  Short calls do not wait for a long one.

    The host counts as one more guest.
    """

    def __init__(self, timeout: float, returned: Callable[[str], None]) -> None:
        """Start no thread yet.

        Args:
            timeout: seconds that a caller waits for a call.
            returned: called with the UUID when an overdue call has returned after all.
                It runs on the thread of that call.
        """
        self._timeout = timeout
        self._returned = returned
        self._changed = threading.Condition()
        self._calls: dict[str, list[_Call]] = {}
        self._mine = threading.local()
        self._tasks: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        """Counts the threads that are free to take a task from the queue."""

    def run(
        self,
        uuid: str,
        what: str,
        function: Callable[[], T],
        patience: float | None = None,
        longer: float | None = None,
    ) -> T:
        """Run a function on another thread, and wait for it within the time limit.

        The next call for the same guest waits for this one, so a guest needs only one
        thread.  Once this call is overdue, the next call is refused at once.

        Args:
            patience: seconds to wait, if less than the limit; for a call that changes
                nothing.  The next call may still wait for it up to the limit.
            longer: seconds added to the limit, for a call that moves a guest's memory.
                Until this call is overdue, short calls do not wait for it: libvirt
                answers them meanwhile, and actions on one guest take turns anyway.

        Raises:
            CallTimedOut: no answer in time; the call continues by itself.
            CallStillHangs: an earlier call has not returned; nothing was done.
        """
        timeout = self._timeout + (longer or 0)
        wait = timeout if patience is None else min(patience, timeout)
        call = _Call(what, timeout, is_long=longer is not None)
        self._take_turn(uuid, call, min(wait, self._timeout))
        self._tasks.put((uuid, call, function, context.get_current()))
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
        """Check within ``run``, between finding a guest and changing it.

        Raises:
            CallTimedOut: the call is overdue, and its caller was told that it failed.
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
                # Until the earlier call returns, or its time is up.
                self._changed.wait(left)
            call.began = time.monotonic()
            self._calls.setdefault(uuid, []).append(call)

    def _in_the_way(self, uuid: str, call: _Call) -> _Call | None:
        for before in self._calls.get(uuid, []):
            if call.is_long or not before.is_long or before.is_overdue:
                return before
        return None

    def _serve(self) -> None:
        """Run one call after another.  End if no call comes for a while."""
        while True:
            try:
                task = self._tasks.get(timeout=_IDLE)
            except queue.Empty:
                if self._idle.acquire(blocking=False):
                    return
                # A caller has already counted this thread as free, so a task comes.
                task = self._tasks.get()
            self._work(*task)

    def _work(
        self,
        uuid: str,
        call: _Call,
        function: Callable[[], Any],
        caller: context.RequestContext | None,
    ) -> None:
        # The thread may still have the context of another request.
        (caller or RequestContext.service()).update_store()
        self._mine.call = call
        try:
            call.value = function()
        except BaseException as error:  # ``run`` raises it again
            call.error = error
        with self._changed:
            self._calls[uuid].remove(call)
            if not self._calls[uuid]:
                del self._calls[uuid]
            # First, so that the caller's next call can use this thread.
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

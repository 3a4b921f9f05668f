# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt's lifecycle events, in Nova's words, and off libvirt's event loop."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import libvirt
from oslo_log import log as logging

from minova.context import RequestContext
from minova.virt.event import LifecycleEvent, Transition

LOG = logging.getLogger(__name__)

STOPPED_DELAY: Final = 15
"""Seconds that a STOPPED waits: in a reboot, a start follows a stop at once."""

LATE: Final = 1.0
"""Seconds after which an event is late: the host has more events than it can follow."""

_TRANSITION: Final = {
    libvirt.VIR_DOMAIN_EVENT_STARTED: Transition.STARTED,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: Transition.PAUSED,
    libvirt.VIR_DOMAIN_EVENT_RESUMED: Transition.RESUMED,
    libvirt.VIR_DOMAIN_EVENT_STOPPED: Transition.STOPPED,
}
# Paused by a migration, not because anybody asked for it.
_NOT_A_PAUSE: Final = {
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED,
}


def run_event_loop() -> None:
    """Run libvirt's event loop, which also serves keep-alive, on a thread.

    It serves the whole process.  Call it before the first connection is opened.
    """
    libvirt.virEventRegisterDefaultImpl()
    keep_quiet()
    threading.Thread(target=_loop, name="libvirt-events", daemon=True).start()


def keep_quiet() -> None:
    """Stop libvirt from printing errors to standard error; it raises them anyway."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)


def _loop() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except Exception:
            # Without this thread there are neither events nor keep-alive.
            LOG.exception("Error in libvirt's event loop")
            time.sleep(1)


class EventQueue:
    """A queue from libvirt's event loop, which must not wait, to a slow listener."""

    def __init__(
        self, is_ours: Callable[[str], bool], emit: Callable[[LifecycleEvent], None]
    ) -> None:
        """Start the thread that emits events.

        Args:
            is_ours: says whether the domain of a UUID belongs to this deployment.
            emit: called for the events of such a domain, one after the other.  Outdated
                ones are left out.
        """
        self._is_ours = is_ours
        self._emit = emit
        self._events: queue.SimpleQueue[LifecycleEvent | None] = queue.SimpleQueue()
        # The newest stop of each guest, until it is emitted or outdated.
        self._stops: dict[str, tuple[LifecycleEvent, threading.Timer]] = {}
        # The newest other event of each guest, until it is emitted.
        self._newest: dict[str, LifecycleEvent] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._run, name="lifecycle-events", daemon=True
        )
        self._thread.start()

    def callback(
        self,
        _connection: libvirt.virConnect,
        domain: libvirt.virDomain,
        event: int,
        detail: int,
        _opaque: Any,
    ) -> None:
        """Take an event from libvirt's event loop (virConnectDomainEventCallback)."""
        transition = _TRANSITION.get(event)
        if transition is None:
            # For example, defined or undefined: a waiting stop is still true.
            return
        if transition is Transition.PAUSED and detail in _NOT_A_PAUSE:
            return
        told = LifecycleEvent(domain.UUIDString(), transition)
        with self._lock:
            # A newer event makes a waiting stop outdated.
            if self._forget_stop(told.instance_uuid):
                LOG.debug(
                    "Removed pending STOPPED event for %s due to new event %s",
                    told.instance_uuid,
                    told,
                )
            if transition is Transition.STOPPED:
                self._delay_stop(told)
                return
            self._newest[told.instance_uuid] = told
            self._events.put(told)

    def found_off(self, uuid: str) -> None:
        """Delay a STOPPED for a guest that was found off, unless one waits already."""
        with self._lock:
            if uuid not in self._stops:
                self._delay_stop(LifecycleEvent(uuid, Transition.STOPPED))

    def forget_stops(self) -> None:
        """Drop the waiting stops, because newer events may have been missed."""
        with self._lock:
            for uuid in list(self._stops):
                self._forget_stop(uuid)

    def _delay_stop(self, stopped: LifecycleEvent) -> None:
        timer = threading.Timer(STOPPED_DELAY, self._events.put, [stopped])
        timer.daemon = True
        timer.start()
        self._stops[stopped.instance_uuid] = (stopped, timer)

    def _forget_stop(self, uuid: str) -> bool:
        """Cancel a guest's waiting stop; return whether there was one."""
        _stopped, timer = self._stops.pop(uuid, (None, None))
        if timer is not None:
            timer.cancel()
        return timer is not None

    def _is_outdated(self, event: LifecycleEvent) -> bool:
        """Whether to drop an event, because a newer one of the guest has come since.

        A stop is always dropped then.  Another event is dropped only if it is late, and
        the newer one is no stop.  So a busy host does not fall further behind.
        """
        uuid = event.instance_uuid
        with self._lock:
            if event.transition is Transition.STOPPED:
                newest, _timer = self._stops.get(uuid, (None, None))
                if newest is event:
                    del self._stops[uuid]
                return newest is not event
            if self._newest[uuid] is event:
                del self._newest[uuid]
                return False
        is_late = time.time() - event.timestamp > LATE
        if is_late:
            LOG.debug("Dropped late %s: a newer event waits", event)
        return is_late

    def close(self) -> None:
        """Emit what is queued, then end the thread."""
        self._events.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        RequestContext.service()
        while (event := self._events.get()) is not None:
            try:
                if not self._is_outdated(event) and self._is_ours(event.instance_uuid):
                    self._emit(event)
            except Exception:
                LOG.exception("Could not handle %s", event)

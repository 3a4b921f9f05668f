# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt's lifecycle events, taken off its event loop and put into Nova's words."""

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

# Seconds a STOPPED waits: a reboot is a stop with a start right behind it.
STOPPED_DELAY: Final = 15

_TRANSITION: Final = {
    libvirt.VIR_DOMAIN_EVENT_STARTED: Transition.STARTED,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: Transition.PAUSED,
    libvirt.VIR_DOMAIN_EVENT_RESUMED: Transition.RESUMED,
    libvirt.VIR_DOMAIN_EVENT_STOPPED: Transition.STOPPED,
}
# Paused by a migration, not by anybody's wish.
_NOT_A_PAUSE: Final = {
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED,
}


def run_event_loop() -> None:
    """Serve libvirt's events, and its keep-alive, on a thread, for the whole process.

    Must be called before the first connection is opened.
    """
    libvirt.virEventRegisterDefaultImpl()
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    threading.Thread(target=_loop, name="libvirt-events", daemon=True).start()


def _loop() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except Exception:
            # Without this thread there are neither events nor keep-alive.
            LOG.exception("Error in libvirt's event loop")
            time.sleep(1)


class EventQueue:
    """Between libvirt's event loop, which must not wait, and a listener that may."""

    def __init__(
        self, is_ours: Callable[[str], bool], emit: Callable[[LifecycleEvent], None]
    ) -> None:
        """Begin to emit on a thread of its own.

        Args:
            is_ours: whether a domain, by its UUID, is this deployment's.
            emit: called for each event of such a domain, one after the other.
        """
        self._is_ours = is_ours
        self._emit = emit
        self._events: queue.SimpleQueue[LifecycleEvent | None] = queue.SimpleQueue()
        self._delayed: dict[str, threading.Timer] = {}
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
        """What libvirt calls (virConnectDomainEventCallback), on its event loop."""
        transition = _TRANSITION.get(event)
        if transition is None:
            # Defined, undefined: a stop that waits is as true as before.
            return
        if transition is Transition.PAUSED and detail in _NOT_A_PAUSE:
            return
        uuid = domain.UUIDString()
        with self._lock:
            # Whatever is newer makes a stop that still waits untrue.
            waiting = self._delayed.pop(uuid, None)
            if waiting is not None:
                waiting.cancel()
            if transition is Transition.STOPPED:
                stopped = LifecycleEvent(uuid, transition)
                timer = threading.Timer(STOPPED_DELAY, self._events.put, [stopped])
                timer.daemon = True
                timer.start()
                self._delayed[uuid] = timer
                return
        self._events.put(LifecycleEvent(uuid, transition))

    def close(self) -> None:
        """Emit what is queued, then end the thread."""
        self._events.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        RequestContext.service()
        while (event := self._events.get()) is not None:
            try:
                if self._is_ours(event.instance_uuid):
                    self._emit(event)
            except Exception:
                LOG.exception("Could not handle %s", event)

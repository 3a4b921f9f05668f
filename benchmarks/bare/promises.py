# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What minova promises besides the pause itself, by the shortest way.

Calls that may hang get a time limit, and libvirt's events are followed in the log.
"""

import os
import queue
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final

import libvirt
from oslo_log import log as logging

LOG = logging.getLogger("minova.bare")

KEPT: Final = "BARE_PROMISES" in os.environ
"""Whether the programs keep these promises.  ``floor.py`` sets the variable."""

_WORDS: Final = {
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: ("Paused", "pausing"),
    libvirt.VIR_DOMAIN_EVENT_RESUMED: ("Resumed", "unpausing"),
}


class InTime:
    """Runs calls, on other threads if promises are kept."""

    def __init__(self, seconds: float, threads: int) -> None:
        self._seconds = seconds
        self._threads = futures.ThreadPoolExecutor(threads)

    def __call__(self, call: Callable[[], Any]) -> Any:
        """Return the result of a call.

        Raises:
            TimeoutError: the call is not over in time, and goes on.
        """
        if KEPT:
            return self._threads.submit(call).result(self._seconds)
        return call()


class Echo:
    """Writes Nova's lines about the events of guests."""

    def __init__(self) -> None:
        """Listen.  Call it before the connection to libvirt is opened."""
        self._events: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        libvirt.virEventRegisterDefaultImpl()
        for work in (self._listen, self._log):
            threading.Thread(target=work, daemon=True).start()

    def follow(self, connection: libvirt.virConnect) -> None:
        connection.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._take, None
        )

    def _take(self, _connection: Any, domain: Any, event: int, *_: Any) -> None:
        self._events.put((domain.UUIDString(), event))

    def _listen(self) -> None:
        while True:
            libvirt.virEventRunDefaultImpl()

    def _log(self) -> None:
        while True:
            uuid, event = self._events.get()
            if event not in _WORDS:
                continue
            word, task_state = _WORDS[event]
            LOG.debug("Emitting event <LifecycleEvent: %s => %s>", uuid, word)
            LOG.info("VM %s (Lifecycle Event)", word, instance_uuid=uuid)
            LOG.debug("Checking state", instance_uuid=uuid)
            LOG.debug(
                'Synchronizing instance power state after lifecycle event "%s"; '
                "current task_state: %s",
                word,
                task_state,
                instance_uuid=uuid,
            )
            LOG.info(
                "During sync_power_state the instance has a pending task (%s). Skip.",
                task_state,
                instance_uuid=uuid,
            )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""While RabbitMQ is known to be away, only one probe tries it."""

import mmap
import os
import struct
import threading
import time
from collections.abc import Callable

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

_LEASE = 1.5
"""Seconds that a refusal lasts without a renewal: the probing process may be killed."""
_RENEWAL = 0.25
"""Seconds between two renewals while a probe hangs."""

_STATE = struct.Struct("dq")


class Breaker:
    """Closed while messages are delivered, open from a failure until a probe succeeds.

    Workers that are forked later share it.  When one of them opens it, it is open for
    all, and only one of them probes.  While a probe hangs, no other one starts.
    """

    def __init__(self, probe: Callable[[], None], interval: float) -> None:
        """Begin closed.

        Args:
            probe: returns if a message was confirmed.  Otherwise it raises or hangs.
            interval: seconds between a failed probe and the next, at most 1.
        """
        self._probe = probe
        self._interval = interval
        # When the refusal ends, on the clock of all processes, and who probes (PID).
        self._shared = mmap.mmap(-1, _STATE.size)
        self._lock = threading.Lock()
        self._watching = False
        self._closed = False
        self._attempt: _Attempt | None = None

    @property
    def is_open(self) -> bool:
        until, _ = _STATE.unpack_from(self._shared)
        return bool(time.monotonic() < until)

    def open(self, reason: object) -> None:
        """Refuse from now on, and start a thread that finds out when that is over."""
        with self._lock:
            if self._watching or self.is_open:
                return
            self._watching = True
            self._refuse(_LEASE)
        LOG.error(
            "RabbitMQ does not accept messages. Requests are refused until it does: %s",
            reason,
        )
        threading.Thread(target=self._watch, name="rpc-watch", daemon=True).start()

    def close(self) -> None:
        """Stop probing."""
        self._closed = True

    def _watch(self) -> None:
        since = time.monotonic()
        while self._is_mine() and not self._closed:
            self._refuse(_LEASE)
            if self._is_back():
                self._refuse(0)
                LOG.warning(
                    "RabbitMQ accepts messages again after %.1f s",
                    time.monotonic() - since,
                )
                break
        with self._lock:
            self._watching = False

    def _is_back(self) -> bool:
        """Wait for the probe until the next renewal, and return its success."""
        attempt = self._attempt = self._attempt or _Attempt(self._probe)
        if not attempt.is_over_within(_RENEWAL):
            return False
        self._attempt = None
        if not attempt.succeeded:
            time.sleep(self._interval)
        return attempt.succeeded

    def _refuse(self, seconds: float) -> None:
        _STATE.pack_into(self._shared, 0, time.monotonic() + seconds, os.getpid())

    def _is_mine(self) -> bool:
        """Whether this process probes: it was the last to refuse, or nobody refuses."""
        _, prober = _STATE.unpack_from(self._shared)
        return prober == os.getpid() or not self.is_open


class _Attempt:
    """One probe, on its own thread because it may hang."""

    def __init__(self, probe: Callable[[], None]) -> None:
        self._probe = probe
        self._done = threading.Event()
        self.succeeded = False
        threading.Thread(target=self._run, name="rpc-probe", daemon=True).start()

    def is_over_within(self, seconds: float) -> bool:
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            self._probe()
            self.succeeded = True
        except Exception as error:  # noqa: BLE001, RUF100 - whatever it is, it is away
            LOG.debug("The probe of RabbitMQ failed: %s", error)
        finally:
            self._done.set()

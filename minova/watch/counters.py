# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The last ``tick N`` that each guest printed on its console."""

import queue
import re
import threading
import time
from collections.abc import Iterable
from typing import Final

from minova.client.cloud import Cloud, Refused

_TICK: Final = re.compile(r"\btick (\d+)\s*$", re.MULTILINE)
_LINES: Final = 5
_SECONDS: Final = 1.0
"""Pause before a guest is asked again: guests count once a second."""
_SECONDS_AFTER_NONE: Final = 30.0
"""The same for a guest that counts nothing, or whose console is refused."""
_AT_ONCE: Final = 2


class Counters:
    """Reads consoles on its own threads: the console of a host that is away hangs."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._values: dict[str, int] = {}
        self._next: dict[str, float] = {}
        self._asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._waiting: set[str] = set()
        for _ in range(_AT_ONCE):
            # Daemon threads, so that the command can end without them.
            threading.Thread(target=self._run, daemon=True).start()

    def of(self, server_id: str) -> int | None:
        """Return the last number read, even if the guest no longer runs."""
        return self._values.get(server_id)

    def want(self, server_ids: Iterable[str]) -> None:
        """Ask these guests, except those asked a moment ago."""
        now = time.monotonic()
        for server_id in server_ids:
            is_due = self._next.get(server_id, 0.0) <= now
            if is_due and server_id not in self._waiting:
                self._waiting.add(server_id)
                self._asked.put(server_id)

    def wait(self, seconds: float) -> None:
        """Wait until all answers are there or the time is over."""
        deadline = time.monotonic() + seconds
        while self._waiting and time.monotonic() < deadline:
            time.sleep(0.02)

    def _run(self) -> None:
        while True:
            server_id = self._asked.get()
            value = self._read(server_id)
            if value is not None:
                self._values[server_id] = value
            pause = _SECONDS_AFTER_NONE if value is None else _SECONDS
            self._next[server_id] = time.monotonic() + pause
            self._waiting.discard(server_id)

    def _read(self, server_id: str) -> int | None:
        body = {"os-getConsoleOutput": {"length": _LINES}}
        try:
            answer = self._cloud.compute("POST", f"/servers/{server_id}/action", body)
        except Refused:
            return None
        ticks = _TICK.findall(answer.get("output") or "")
        return int(ticks[-1]) if ticks else None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The threads of a server of messages, of which the questions of a guest get one."""

import collections
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

Work = Callable[[Any], object]


class Threads(futures.ThreadPoolExecutor):
    """Takes what oslo.messaging submits; questions of one server wait without a thread.

    A question is a message that wants an answer (a console, diagnostics).  Actions need
    no such queue: the claim lets one at a time through.
    """

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers)
        self._next = threading.Lock()
        self._waiting: dict[str, collections.deque[tuple[Work, Any]]] = {}

    def submit(self, work: Work, /, *given: Any) -> Any:  # type: ignore[override]
        (incoming,) = given
        server = _asked_about(incoming)
        if server is None:
            return super().submit(work, incoming)
        with self._next:
            if server in self._waiting:
                self._waiting[server].append((work, incoming))
                return None
            self._waiting[server] = collections.deque([(work, incoming)])
        return super().submit(self._answer, server)

    def _answer(self, server: str) -> None:
        """Answer one question after the other, as long as there are any."""
        while True:
            with self._next:
                if not self._waiting[server]:
                    del self._waiting[server]
                    return
                work, incoming = self._waiting[server].popleft()
            try:
                work(incoming)
            except Exception:
                LOG.exception("Could not take a question")


def _asked_about(incoming: Any) -> str | None:
    """The server of a question; of anything else None, and of what is not minova's."""
    message = incoming[0]
    if not getattr(message, "reply_q", None) or not isinstance(message.message, dict):
        return None
    args = message.message.get("args")
    server = args.get("instance_uuid") if isinstance(args, dict) else None
    return server if isinstance(server, str) else None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The threads of a server of messages, of which the questions of a guest get one."""

import collections
import threading
from collections.abc import Callable, Collection
from concurrent import futures
from typing import Any

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

Work = Callable[[Any], object]


class Threads(futures.ThreadPoolExecutor):
    """Takes what oslo.messaging submits; questions of one server wait without a thread.

    A question is a message that wants an answer (a console, diagnostics).  Actions need
    no such queue: the claim lets one at a time through.  What comes in a namespace is
    quick, and does not wait for either: it has a thread of its own.
    """

    def __init__(self, max_workers: int, namespaces: Collection[str] = ()) -> None:
        super().__init__(max_workers)
        self._namespaces = frozenset(namespaces)
        self._quick = futures.ThreadPoolExecutor(1)
        self._next = threading.Lock()
        self._waiting: dict[str, collections.deque[tuple[Work, Any]]] = {}

    def submit(self, work: Work, /, *given: Any) -> Any:  # type: ignore[override]
        (incoming,) = given
        if _namespace(incoming) in self._namespaces:
            return self._quick.submit(work, incoming)
        server = _asked_about(incoming)
        if server is None:
            return super().submit(work, incoming)
        with self._next:
            if server in self._waiting:
                self._waiting[server].append((work, incoming))
                return None
            self._waiting[server] = collections.deque([(work, incoming)])
        return super().submit(self._answer, server)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        self._quick.shutdown(wait, cancel_futures=cancel_futures)

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
                LOG.exception("Could not handle a message")


def _namespace(incoming: Any) -> str | None:
    """Of a message that wants no answer, for that may have to wait for its queue."""
    message = incoming[0]
    if getattr(message, "reply_q", None) or not isinstance(message.message, dict):
        return None
    namespace = message.message.get("namespace")
    return namespace if isinstance(namespace, str) else None


def _asked_about(incoming: Any) -> str | None:
    """The server of a question; of anything else None, and of what is not minova's."""
    message = incoming[0]
    if not getattr(message, "reply_q", None) or not isinstance(message.message, dict):
        return None
    args = message.message.get("args")
    server = args.get("instance_uuid") if isinstance(args, dict) else None
    return server if isinstance(server, str) else None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The threads of the RPC server, and which messages wait for each other."""

import collections
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent import futures
from typing import Any, Final

from oslo_log import log as logging

from minova.vocabulary.lane import Lane

LOG = logging.getLogger(__name__)

Work = Callable[[Any], object]

_WAITS: Final = 500
"""Threads that mostly sleep.  Few hosts ever wait for this many guests at once."""


class Threads(futures.ThreadPoolExecutor):
    """Gives each message that oslo.messaging submits to a thread of its lane.

    The executor's own threads are those of ``Lane.QUICK``.  Messages in a namespace
    have their own thread.  A question is a message that wants an answer (a console,
    diagnostics).  Questions about one server queue without using a thread.  Actions
    need no queue, because only one action at a time holds the claim of a server.
    """

    def __init__(
        self,
        max_workers: int,
        namespaces: Collection[str] = (),
        lanes: Mapping[str, Lane] | None = None,
        builds: int = 10,
    ) -> None:
        super().__init__(max_workers)
        self._namespaces = frozenset(namespaces)
        self._heard = futures.ThreadPoolExecutor(1)
        self._lanes = lanes or {}
        self._slow = {
            Lane.BUILDS: futures.ThreadPoolExecutor(builds),
            Lane.WAITS: futures.ThreadPoolExecutor(_WAITS),
        }
        self._next = threading.Lock()
        self._waiting: dict[str, collections.deque[tuple[Work, Any]]] = {}

    def submit(self, work: Work, /, *given: Any) -> Any:  # type: ignore[override]
        (incoming,) = given
        if _namespace(incoming) in self._namespaces:
            return self._heard.submit(work, incoming)
        server = _asked_about(incoming)
        if server is None:
            slow = self._slow.get(self._lane_of(incoming))
            return (slow.submit if slow else super().submit)(work, incoming)
        with self._next:
            if server in self._waiting:
                self._waiting[server].append((work, incoming))
                return None
            self._waiting[server] = collections.deque([(work, incoming)])
        return super().submit(self._answer, server)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        for pool in (self._heard, *self._slow.values()):
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def _lane_of(self, incoming: Any) -> Lane:
        message = incoming[0].message
        method = message.get("method") if isinstance(message, dict) else None
        return self._lanes.get(str(method), Lane.QUICK)

    def _answer(self, server: str) -> None:
        """Answer the server's questions one after the other."""
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
    """Return a message's namespace, or None for a question, which may have to wait."""
    message = incoming[0]
    if getattr(message, "reply_q", None) or not isinstance(message.message, dict):
        return None
    namespace = message.message.get("namespace")
    return namespace if isinstance(namespace, str) else None


def _asked_about(incoming: Any) -> str | None:
    """Return the server that a question is about, or None for any other message."""
    message = incoming[0]
    if not getattr(message, "reply_q", None) or not isinstance(message.message, dict):
        return None
    args = message.message.get("args")
    server = args.get("instance_uuid") if isinstance(args, dict) else None
    return server if isinstance(server, str) else None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""gunicorn's ``gthread`` worker, with a thread per connection and time limits.

``gthread`` waits for a slow client without limit, on a thread that others need.
``minova.api.front.turns`` limits how many requests run at once.
"""

import contextlib
import errno
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final

from gunicorn.workers import gthread

REQUEST_WITHIN: Final = 15.0
"""Seconds for a whole request to arrive.

They count from the connection, and for a later request from its first byte.
"""
ANSWER_WITHIN: Final = 30.0
"""Seconds after that to make and send the answer."""
_STOP_WITHIN: Final = 2.0
"""Replaces ``REQUEST_WITHIN`` in a worker that was told to stop."""
_CLOSE_WITHIN: Final = 2.0
"""Seconds to wait until the client closes too, so that it gets the whole answer."""
_ASKS_AGAIN_WITHIN: Final = 100
"""Milliseconds that a thread waits for the next request of its client."""
_LOOK_EVERY: Final = 0.5
"""Seconds between two checks for connections whose time is up."""
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_UNTIL_ROOM: Final = 0.05
"""Seconds until the next try.  Until then, new clients wait in the kernel's queue."""


class PatientWorker(gthread.ThreadWorker):  # type: ignore[misc]
    _has_room = True

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Let signals to a new worker wait until it has its own handlers.

        Until then it has those of its parent, which would swallow a SIGTERM, and the
        parent would wait for ``graceful_timeout``. gunicorn calls this method once, in
        the parent, before it forks.
        """
        super().check_config(cfg, log)
        os.register_at_fork(before=_hold_signals, after_in_parent=_take_signals)

    def init_signals(self) -> None:
        super().init_signals()
        _take_signals()

    def get_thread_pool(self) -> futures.ThreadPoolExecutor:
        """Make the pool.  gunicorn calls this method, and allows overriding it."""
        return Patience(self)

    def accept(self, listener: socket.socket) -> None:
        """Accept a client.  It waits if the system has no descriptor or memory left."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            if self._has_room:
                self.log.warning("Cannot accept more clients for now: %s", error)
            self._has_room = False
            time.sleep(_UNTIL_ROOM)
        else:
            self._has_room = True


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, PatientWorker.SIGNALS)


def _take_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PatientWorker.SIGNALS)


class Patience(futures.ThreadPoolExecutor):
    """A pool of threads that serve connections within their time limits."""

    def __init__(self, worker: PatientWorker) -> None:
        super().__init__(max_workers=worker.worker_connections)
        self._worker = worker
        self._lock = threading.Lock()
        self._began: dict[Any, float] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def submit(  # type: ignore[override]
        self, handle: Callable[[Any], Any], connection: Any
    ) -> futures.Future[Any]:
        # Otherwise gthread would wait for the first byte with its own selector.
        connection.data_ready = True
        with self._lock:
            self._began[connection] = time.monotonic()
        served: futures.Future[Any] = futures.Future()
        try:
            super().submit(self._serve, handle, connection, served)
        except RuntimeError as error:
            # No thread could be started.  The next free thread takes the connection.
            self._worker.log.warning("A client has to wait: %s", error)
        return served

    def _serve(
        self,
        handle: Callable[[Any], Any],
        connection: Any,
        served: futures.Future[Any],
    ) -> None:
        """Serve a client's requests.  gunicorn keeps the connection if ``kept``."""
        kept = False
        try:
            kept = handle(connection)
            while kept and self._asks_again(connection):
                kept = handle(connection)
            if not kept:
                _linger(connection.sock)
        finally:
            with self._lock:
                del self._began[connection]
            served.set_result(kept)

    def _asks_again(self, connection: Any) -> bool:
        """Wait briefly for the client's next request.  Return whether it came.

        If gunicorn's loop waited instead, each request would cost two thread switches.
        They are a third of gunicorn's time for a request (measured).
        """
        if connection.parser.unreader.buf.getvalue() or not self._worker.alive:
            return False  # gunicorn's loop handles both cases
        with self._lock:
            del self._began[connection]
        poll = select.poll()  # works even if no file descriptor is left
        poll.register(connection.sock, select.POLLIN)
        asks = bool(poll.poll(_ASKS_AGAIN_WITHIN))
        with self._lock:
            self._began[connection] = time.monotonic()
        return asks

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            now = time.monotonic()
            within = REQUEST_WITHIN if self._worker.alive else _STOP_WITHIN
            with self._lock:
                for connection, began in self._began.items():
                    if now > began + REQUEST_WITHIN + ANSWER_WITHIN:
                        _shut(connection.sock, socket.SHUT_RDWR)
                    elif now > began + within:
                        # This ends reading, but an answer can still be sent.
                        _shut(connection.sock, socket.SHUT_RD)


def _linger(client: socket.socket) -> None:
    """Let the client close first.

    gunicorn would wait for this in its loop, and delay all other clients.
    """
    until = time.monotonic() + _CLOSE_WITHIN
    with contextlib.suppress(OSError):
        socket.socket.shutdown(client, socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            client.settimeout(left)
            if not socket.socket.recv(client, 65536):
                break
    _shut(client, socket.SHUT_RDWR)


def _shut(client: socket.socket, how: int) -> None:
    # SSLSocket.shutdown would drop TLS and send the rest as plain text.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(client, how)

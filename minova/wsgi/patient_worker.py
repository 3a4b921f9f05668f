# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""gunicorn's ``gthread`` with a thread for each client, and with an end to waiting.

A thread of ``gthread`` waits for a slow client as long as the client likes.  Here there
are as many threads as connections, so that nobody waits for another's client (what is
done at a time is bounded by ``minova.api.front.turns``), and each has its time.
"""

import contextlib
import errno
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final

from gunicorn.workers import gthread

REQUEST_WITHIN: Final = 15.0
"""Seconds from a connection, or from the first byte, to the last byte of a request."""
ANSWER_WITHIN: Final = 30.0
"""Seconds after these for the answer to be made and read."""
_STOP_WITHIN: Final = 2.0
"""Seconds for the rest of a request to come to a worker that is told to stop."""
_CLOSE_WITHIN: Final = 2.0
"""Seconds for a client to close after us, so that it gets all of the answer."""
_ASKS_AGAIN_WITHIN: Final = 100
"""Milliseconds for which a thread waits for the next request of its client."""
_LOOK_EVERY: Final = 0.5
"""Seconds between two looks for connections whose time is up."""
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_UNTIL_ROOM: Final = 0.05
"""Seconds; the kernel keeps who connects meanwhile."""


class PatientWorker(gthread.ThreadWorker):  # type: ignore[misc]
    _has_room = True

    def get_thread_pool(self) -> futures.ThreadPoolExecutor:
        """Make the pool; gunicorn has this method to be overridden."""
        return Patience(self)

    def accept(self, listener: socket.socket) -> None:
        """Take a client, if there is room for one; without it nobody is sent away."""
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


class Patience(futures.ThreadPoolExecutor):
    """Threads, each with one connection of gunicorn's and the time it has."""

    def __init__(self, worker: PatientWorker) -> None:
        super().__init__(max_workers=worker.worker_connections)
        self._worker = worker
        self._lock = threading.Lock()
        self._began: dict[Any, float] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def submit(  # type: ignore[override]
        self, handle: Callable[[Any], Any], connection: Any
    ) -> futures.Future[Any]:
        # gthread would wait for the first byte with a selector of its own.
        connection.data_ready = True
        with self._lock:
            self._began[connection] = time.monotonic()
        served: futures.Future[Any] = futures.Future()
        try:
            super().submit(self._serve, handle, connection, served)
        except RuntimeError as error:
            # It is in the queue, and a thread that is free later takes it.
            self._worker.log.warning("A client has to wait: %s", error)
        return served

    def _serve(
        self,
        handle: Callable[[Any], Any],
        connection: Any,
        served: futures.Future[Any],
    ) -> None:
        """Serve a client while it asks; gunicorn keeps it if the result is true."""
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
        """Whether a client that was answered sends its next request soon.

        If gunicorn's loop waited for it, each request would cost two changes of thread,
        which is a third of what gunicorn takes for a request (measured).
        """
        if connection.parser.unreader.buf.getvalue() or not self._worker.alive:
            return False  # the loop knows what to do with these
        with self._lock:
            del self._began[connection]
        poll = select.poll()  # needs no file, of which there may be none
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
                        # Whoever reads finds the end; an answer still goes out.
                        _shut(connection.sock, socket.SHUT_RD)


def _linger(client: socket.socket) -> None:
    """Let a client close first; gunicorn's loop would wait for it, and all with it."""
    until = time.monotonic() + _CLOSE_WITHIN
    with contextlib.suppress(OSError):
        socket.socket.shutdown(client, socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            client.settimeout(left)
            if not socket.socket.recv(client, 65536):
                break
    _shut(client, socket.SHUT_RDWR)


def _shut(client: socket.socket, how: int) -> None:
    # The method of an SSLSocket would have the rest sent as plain text.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(client, how)

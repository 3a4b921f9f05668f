# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""gunicorn's threads, for requests that are there as a whole, and for no slow client.

``gthread`` of gunicorn 27 has a thread read a request and write its answer.  A
client that sends a byte now and then, or does not read, holds that thread, and as many
such clients as there are threads hold n-api.  Here the loop that accepts connections
also reads and writes, without waiting, and a thread sees a request when all of it has
come.
"""

import errno
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gunicorn.workers import gthread

from minova.wsgi import whole_request
from minova.wsgi.whole_request import Chunks, Progress

REQUEST_WITHIN: Final = 15.0
"""Seconds from a connection, or from the first byte, to the last byte of a request."""
ANSWER_WITHIN: Final = 30.0
"""Seconds for a client to read its answer."""
_CLOSE_WITHIN: Final = 2.0
"""Seconds for a client to close after us, so that it gets all of the answer."""
_LOOK_EVERY: Final = 0.5
"""Seconds between two looks for connections whose time is up."""
_STEP_WITHIN: Final = 5.0
"""Seconds for the next bytes, should gunicorn want more than what we took for whole."""
_STEP: Final = 64 * 1024
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_UNTIL_ROOM: Final = 0.05
"""Seconds; the kernel keeps who connects meanwhile."""

_NO_END = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


class Outbox:
    """A socket on which ``sendall`` does not wait: what is left goes out later."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.left = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def sendall(self, data: bytes) -> None:
        self.left += data
        self.flush()

    def flush(self) -> bool:
        """Send what the kernel takes; whether that was all.

        Raises:
            OSError: the client is gone.
        """
        timeout = self._socket.gettimeout()
        self._socket.setblocking(False)
        try:
            while self.left:
                sent = self._socket.send(self.left[:_STEP])
                del self.left[:sent]
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(timeout)
        return True


class Connection(gthread.TConn):  # type: ignore[misc]
    """A connection with what came of its request so far."""

    def __init__(self, cfg: Any, client: socket.socket, *addresses: Any) -> None:
        super().__init__(cfg, client, *addresses)
        self.sock: Any = Outbox(client)
        self.received = bytearray()
        self.chunks = Chunks()
        self.too_long = False
        self.reads = False
        self.deadline = 0.0

    def init(self) -> None:
        """Called before each request is parsed, all of which is there already."""
        super().init()
        # Should it not be, for all the care: a thread must not wait for ever.
        self.sock.settimeout(_STEP_WITHIN)


class PatientWorker(gthread.ThreadWorker):  # type: ignore[misc]
    """All of it runs in the main loop, but for ``_keepalive_after``.

    With TLS in gunicorn itself it is a plain ``gthread``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In order of arrival, as a dict keeps it.
        self._waiting: dict[Connection, None] = {}
        self._looked_at = 0.0
        self._has_room = True

    def accept(self, listener: socket.socket) -> None:
        """Take a client, if there is room for one; without it nobody is sent away."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            if self._has_room:
                self.log.warning("Cannot accept more clients for now: %s", error)
            self._has_room = False
            time.sleep(_UNTIL_ROOM)
            return
        self._has_room = True
        self.nr_conns += 1
        connection = Connection(self.cfg, client, address, listener.getsockname())
        self.enqueue_req(connection)

    def enqueue_req(self, conn: Any) -> None:
        """Read a request first; gunicorn comes here when a byte of it is there."""
        if not isinstance(conn, Connection):
            super().enqueue_req(conn)
            return
        # What came behind the last request is the beginning of this one.
        if conn.parser is not None:
            conn.received += conn.parser.unreader.take_buffered()
        conn.chunks = Chunks()
        conn.reads = True
        self._wait(conn, selectors.EVENT_READ, self._on_readable, REQUEST_WITHIN)
        self._look_at(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Send the rest of the answer, then keep the connection or close it."""
        if not isinstance(conn, Connection):
            super().finish_request(conn, fs)
        elif conn.sock.left:
            send = partial(self._on_writable, fs)
            self._wait(conn, selectors.EVENT_WRITE, send, ANSWER_WITHIN)
        elif not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """Drop whose time is up; gunicorn asks for it at each turn of its loop."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._looked_at + _LOOK_EVERY:
            return
        self._looked_at = now
        for conn in list(self._waiting):
            if not self.alive and conn.reads:
                conn.deadline = min(conn.deadline, now + gthread.STOP_KEEPALIVE_LINGER)
                conn.reads = False
            if conn.deadline < now:
                self._drop(conn)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        if isinstance(conn, Connection) and conn.too_long:
            return False  # gunicorn would read on, for what nobody wants
        kept: bool = super()._keepalive_after(conn, keepalive)
        return kept

    def _on_readable(self, conn: Connection, _socket: object) -> None:
        try:
            data = conn.sock.recv(_STEP)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.received += data
        if data:
            self._look_at(conn)
        else:
            self._drop(conn)

    def _look_at(self, conn: Connection) -> None:
        state = whole_request.progress(conn.received, conn.chunks)
        if whole_request.take_expectation(conn.received) and state is Progress.GOES_ON:
            conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if state is Progress.NO_END:
            self._stop_waiting(conn)
            conn.sock.sendall(_NO_END)
            self._close(conn)
        elif state is not Progress.GOES_ON:
            conn.too_long = state is Progress.TOO_LONG
            self._hand_over(conn)

    def _hand_over(self, conn: Connection) -> None:
        """Give a request to a thread, which finds all of it in the parser's buffer."""
        self._stop_waiting(conn)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received.clear()
        conn.data_ready = True
        super().enqueue_req(conn)

    def _on_writable(self, fs: Any, conn: Connection, _socket: object) -> None:
        try:
            done = conn.sock.flush()
        except OSError:
            self._drop(conn)
            return
        if done:
            self._stop_waiting(conn)
            self.finish_request(conn, fs)

    def _close(self, conn: Connection) -> None:
        """Close as gunicorn does, which would keep the whole loop waiting for it."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        self._wait(conn, selectors.EVENT_READ, self._on_late_bytes, _CLOSE_WITHIN)

    def _on_late_bytes(self, conn: Connection, _socket: object) -> None:
        try:
            data = conn.sock.recv(_STEP)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)

    def _wait(
        self,
        conn: Connection,
        event: int,
        callback: Callable[[Connection, object], None],
        seconds: float,
    ) -> None:
        conn.sock.setblocking(False)
        conn.deadline = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.sock, event, partial(callback, conn))

    def _stop_waiting(self, conn: Connection) -> None:
        conn.reads = False
        del self._waiting[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        if conn in self._waiting:
            self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

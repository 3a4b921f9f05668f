# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy with a gate in each direction, which delays all data."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.real_servers import free_port


class GatedProxy:
    """Listens on its own port and forwards to another port on the loopback.

    Attributes:
        port: where clients connect.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self._server_port = server_port
        self._to_client = threading.Event()
        self._to_server = threading.Event()
        self._to_client.set()
        self._to_server.set()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @contextlib.contextmanager
    def answers_held(self) -> Iterator[None]:
        """Pass on what clients send, and hold all answers."""
        self._to_client.clear()
        try:
            yield
        finally:
            self._to_client.set()

    @contextlib.contextmanager
    def messages_held(self) -> Iterator[None]:
        """Hold what clients send. It is passed on when the block ends."""
        self._to_server.clear()
        try:
            yield
        finally:
            self._to_server.set()

    def close(self) -> None:
        # close() alone would leave accept() waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                for source, sink, gate in (
                    (client, server, self._to_server),
                    (server, client, self._to_client),
                ):
                    threading.Thread(
                        target=_forward, args=(source, sink, gate), daemon=True
                    ).start()


def _forward(source: socket.socket, sink: socket.socket, gate: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            gate.wait()
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that holds a server's answers, but passes on what it is sent.

Between n-api and RabbitMQ it holds a confirm after the message was delivered.
"""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from tests.real_servers import free_port


class HoldingProxy:
    """Listens on its own port and forwards to another port on the loopback.

    Attributes:
        port: where clients connect.
        held: how many bytes are held.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.held = 0
        self._server_port = server_port
        self._behind: bytes | None = None
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_behind(self, words: bytes) -> None:
        """Hold the answers on a connection once its client has sent certain bytes."""
        self.held = 0
        self._behind = words

    def let_go(self) -> None:
        """Pass on what was held, and all that follows."""
        self._behind = None

    def close(self) -> None:
        self.let_go()
        # close() alone would leave accept() waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port), 5)
            except OSError:
                return
            with server, contextlib.suppress(OSError):
                self._pump(client, server)

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        """Forward in both directions until one side is gone."""
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            back = b""
            holds = False
            while True:
                for key, _mask in selector.select(timeout=0.01):
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is client:
                        words = self._behind
                        holds = holds or (words is not None and words in data)
                        server.sendall(data)
                    else:
                        back += data
                holds = holds and self._behind is not None
                if holds:
                    self.held = max(self.held, len(back))
                elif back:
                    client.sendall(back)
                    back = b""


@contextlib.contextmanager
def proxy_to(server_port: int) -> Iterator[HoldingProxy]:
    """A proxy that passes everything on until it is told otherwise."""
    proxy = HoldingProxy(server_port)
    try:
        yield proxy
    finally:
        proxy.close()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before MariaDB. It can shut, or lose the answer to a COMMIT.

MariaDB still executes what it was sent: the transaction is committed, but the client is
told that the connection is gone.
"""

import contextlib
import socket
import threading

from tests.real_servers import free_port

_COMMIT = b"\x03COMMIT"


class CuttingProxy:
    """Listens on its own port and forwards to another port on the loopback.

    Attributes:
        port: where clients connect.
        lost: set when the proxy has lost the answer it was told to lose.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.lost = threading.Event()
        self._server_port = server_port
        self._open = True
        self._loses_after: bytes | None = None
        self._stays_shut = False
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_commit_after(self, statement: bytes, *, then_shut: bool = False) -> None:
        """Lose the answer to the first COMMIT after a statement with these bytes.

        Args:
            then_shut: refuse new connections afterwards, until ``open()``.
        """
        self.lost.clear()
        self._stays_shut = then_shut
        self._loses_after = statement

    def lead_to(self, server_port: int) -> None:
        """Send new connections to another server. Existing connections stay.

        DNS or a moving address behaves like this.
        """
        self._server_port = server_port

    def shut(self) -> None:
        """Cut every connection, and each new connection at once."""
        self._open = False
        for connection in list(self._sockets):
            _cut(connection)

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self.shut()
        _cut(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if not self._open:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._server_port), 5)
            server.settimeout(None)
            self._sockets |= {client, server}
            for pump in (self._requests, self._answers):
                threading.Thread(
                    target=pump, args=(client, server), daemon=True
                ).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        loses = False
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self._loses_after is not None and self._loses_after in data:
                    loses = True
                if loses and _COMMIT in data:
                    self._loses_after = None
                    self._lose(client, server, data)
                    return
                server.sendall(data)
        self._end(client, server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        self._end(client, server)

    def _lose(
        self, client: socket.socket, server: socket.socket, commit: bytes
    ) -> None:
        """Commit, then cut the connection before the client gets the answer."""
        if self._stays_shut:
            self._open = False
        _cut(client)
        # COM_QUIT is read after COMMIT has finished. Then MariaDB closes the
        # connection. Both are sent at once, because ``_answers`` closes the connection
        # as soon as the answer to COMMIT comes.
        server.sendall(commit + b"\x01\x00\x00\x00\x01")
        self.lost.set()
        if self._stays_shut:
            self.shut()

    def _end(self, *connections: socket.socket) -> None:
        for connection in connections:
            _cut(connection)
            self._sockets.discard(connection)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before MariaDB: it can be shut, and can lose the answer to a COMMIT.

What the server was sent it does: the transaction is committed, and its client is told
that the connection is gone.
"""

import contextlib
import socket
import threading

from tests.real_servers import free_port

_COMMIT = b"\x03COMMIT"


class CuttingProxy:
    """Listens on a port of its own and forwards to one of the loopback.

    Attributes:
        port: where clients connect.
        lost: set when the answer that was to be lost is lost.
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
        """Lose the answer to the first COMMIT behind a statement that has these bytes.

        Args:
            then_shut: let nobody connect afterwards, until ``open()``.
        """
        self.lost.clear()
        self._stays_shut = then_shut
        self._loses_after = statement

    def lead_to(self, server_port: int) -> None:
        """Lead who connects from now on to another server; others stay where they are.

        So do DNS, and an address that moves.
        """
        self._server_port = server_port

    def shut(self) -> None:
        """Cut every connection, and each new one at once."""
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
        """Commit, and cut: the answer finds nobody to be handed to."""
        if self._stays_shut:
            self._open = False
        _cut(client)
        server.sendall(commit)
        # COM_QUIT comes after COMMIT has been done; the server closes then.
        server.sendall(b"\x01\x00\x00\x00\x01")
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

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The address of a listening socket."""

import socket


def host(listening: socket.socket) -> str:
    """Return an address that clients can connect to, as URLs write it."""
    address: str = listening.getsockname()[0]
    if address in ("0.0.0.0", "::"):  # noqa: S104 - the socket was bound to it before
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address


def port(listening: socket.socket) -> int:
    found: int = listening.getsockname()[1]
    return found

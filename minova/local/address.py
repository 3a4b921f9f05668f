# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a socket is to be found."""

import socket


def host(listening: socket.socket) -> str:
    """An address that can be connected to, as URLs write it."""
    address: str = listening.getsockname()[0]
    if address in ("0.0.0.0", "::"):  # noqa: S104 - it is what it was bound to
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address


def port(listening: socket.socket) -> int:
    found: int = listening.getsockname()[1]
    return found

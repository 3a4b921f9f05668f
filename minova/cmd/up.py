# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The process of ``minova up``: a cloud behind a WSGI server, until it is told to end.

The server is waitress, with threads and no process of its own (docs/adr/0033).
"""

import gc
import os
import pathlib
import signal
import socket
import sys
import threading
from collections.abc import Callable

import waitress
from oslo_config import cfg

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from minova import exception, lock_file
from minova.local.cloud import Cloud, Wanted
from minova.testing.asking import Refused
from minova.testing.seeding import Wrong

_THREADS = 24
"""Requests at a time."""


class CannotStart(Exception):
    """Says why."""


def run(wanted: Wanted, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Run a cloud until SIGINT or SIGTERM.

    Args:
        listening: bound already; requests that come early wait in it.
        ready: is called with the cloud's URL, once it answers.

    Raises:
        CannotStart: something of what is wanted cannot be.
    """
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    database = _hold(wanted.database)
    try:
        cloud = Cloud(wanted)
    except (cfg.Error, exception.MinovaError) as error:
        raise CannotStart(str(error)) from error
    server = waitress.create_server(
        cloud.application,
        sockets=[listening],
        threads=_THREADS,
        # Who polls keeps a connection, and a test has many clients.
        connection_limit=1000,
        channel_timeout=75,
        ident=None,
    )
    threading.Thread(target=server.run, name="n-api", daemon=True).start()
    address, port = listening.getsockname()[:2]
    url = f"http://{_shown(address)}:{port}"
    try:
        cloud.start(url)
        # What was loaded stays: neither looked through again, nor taken apart at the
        # end, which would take half a second.
        gc.freeze()
        gc.enable()
        ready(url)
        ending.wait()
    except (Refused, Wrong) as error:
        raise CannotStart(str(error)) from error
    finally:
        # The server's threads end with the process: its loop cannot be stopped from
        # outside (waitress 3.0), and waits for requests in hand as long as they take.
        cloud.close()
        os.close(database)


def end_with_standard_input() -> None:
    """End as for SIGTERM when whoever started this process is gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _hold(database: pathlib.Path) -> int:
    """Keep others from the same file: each would take the other's hosts for its own."""
    try:
        file = lock_file.open_file(database)
    except OSError as error:
        raise CannotStart(f"{database} cannot be written: {error.strerror}") from error
    if not lock_file.lock(file, 0):
        raise CannotStart(f"another minova uses {database}")
    return file


def _shown(address: str) -> str:
    """An address that can be connected to."""
    if address in ("0.0.0.0", "::"):  # noqa: S104 - it is what it was bound to
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address

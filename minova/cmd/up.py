# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The process of ``minova up``: a cloud with a WSGI server.

The server is waitress, which runs threads in this process (docs/adr/0033).
"""

import gc
import os
import pathlib
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Final

import waitress
from oslo_config import cfg

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from minova import exception, lock_file
from minova.local import address
from minova.local.cloud import Cloud, Wanted
from minova.local.keystone.beside import Beside, NotStarted
from minova.testing.asking import Refused
from minova.testing.seeding import Wrong

_THREADS: Final = 24
"""Requests handled at the same time."""
_DESCRIPTORS: Final = 4096
"""File descriptors, if the machine allows them. Connections get half of them."""
_IDLE: Final = 12
"""Seconds until an idle connection is closed. Tests forget to close connections, and a
client that polls every 10 s keeps its connection."""


class CannotStart(Exception):
    """The cloud cannot start. The text says why."""


def run(
    wanted: Wanted,
    listening: socket.socket,
    ready: Callable[[str], None],
    keystone: Beside | None,
) -> None:
    """Run a cloud until SIGINT or SIGTERM.

    Args:
        listening: a bound socket. Early requests wait in it.
        ready: called with the cloud's URL once the cloud answers.
        keystone: a Keystone that is already starting.

    Raises:
        CannotStart: the cloud, Keystone or the seed failed, or Keystone has ended.
    """
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    database = _hold(wanted.database)
    try:
        cloud = Cloud(wanted, keystone)
    except (cfg.Error, exception.MinovaError) as error:
        raise CannotStart(str(error)) from error
    server = waitress.create_server(
        cloud.application,
        sockets=[listening],
        threads=_THREADS,
        connection_limit=_descriptors() // 2,
        channel_timeout=_IDLE,
        cleanup_interval=1,
        # select(), the default, handles only the first 1,024 descriptors.
        asyncore_use_poll=True,
        # Clients disconnect, and faults cut answers on purpose: both are normal.
        log_socket_errors=False,
        ident=None,
    )
    cloud.waiting.set_more = lambda more: server.task_dispatcher.set_thread_count(
        _THREADS + more
    )
    port = address.port(listening)
    url = f"http://{address.host(listening)}:{port}"
    try:
        cloud.start()
        threading.Thread(target=server.run, name="n-api", daemon=True).start()
        if keystone is not None:
            keystone.wait(port)
            keystone.watch(ending.set)
        cloud.seed(url)
        # Loaded objects stay until the end. Freezing them spares the collector from
        # scanning them, and saves half a second at exit.
        gc.freeze()
        gc.enable()
        ready(url)
        ending.wait()
        if keystone is not None and keystone.has_ended():
            raise CannotStart("Keystone has stopped, so minova stops too")
    except (NotStarted, Refused, Wrong) as error:
        raise CannotStart(str(error)) from error
    finally:
        # The server's threads end with the process. Nothing outside can stop the loop
        # of waitress 3.0, and it would wait for all running requests.
        cloud.close()
        os.close(database)


def end_with_standard_input() -> None:
    """End as after SIGTERM when the parent process closes stdin or ends."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _descriptors() -> int:
    """Raise the soft limit of file descriptors if possible, and return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _hold(database: pathlib.Path) -> int:
    """Lock the database file: two clouds would each take the other's hosts as its own.

    Raises:
        CannotStart: the file cannot be written, or another minova uses it.
    """
    try:
        file = lock_file.open_file(database)
    except OSError as error:
        raise CannotStart(f"{database} cannot be written: {error.strerror}") from error
    if not lock_file.lock(file, 0):
        raise CannotStart(f"another minova is using {database}")
    return file

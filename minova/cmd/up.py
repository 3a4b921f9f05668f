# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The process of ``minova up``: a cloud behind a WSGI server, until it is told to end.

The server is waitress, with threads and no process of its own (docs/adr/0033).
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
"""Requests at a time."""
_DESCRIPTORS: Final = 4096
"""If the machine allows so many; half of them are for connections."""
_IDLE: Final = 12
"""Seconds after which a connection is closed: tests forget to close theirs, and whoever
polls every 10 s keeps one."""


class CannotStart(Exception):
    """Says why."""


def run(
    wanted: Wanted,
    listening: socket.socket,
    ready: Callable[[str], None],
    keystone: Beside | None,
) -> None:
    """Run a cloud until SIGINT or SIGTERM.

    Args:
        listening: bound already; requests that come early wait in it.
        ready: is called with the cloud's URL, once it answers.
        keystone: is being started already.

    Raises:
        CannotStart: something of what is wanted cannot be.
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
        # Its other way, select(), knows the first 1,024 descriptors only.
        asyncore_use_poll=True,
        # One that goes away is no news, nor is an answer that is cut on order.
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
        # What was loaded stays: neither looked through again, nor taken apart at the
        # end, which would take half a second.
        gc.freeze()
        gc.enable()
        ready(url)
        ending.wait()
        if keystone is not None and keystone.has_ended():
            raise CannotStart("Keystone has ended, and so does minova")
    except (NotStarted, Refused, Wrong) as error:
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


def _descriptors() -> int:
    """Have as many as are wanted, or as many as there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _hold(database: pathlib.Path) -> int:
    """Keep others from the same file: each would take the other's hosts for its own."""
    try:
        file = lock_file.open_file(database)
    except OSError as error:
        raise CannotStart(f"{database} cannot be written: {error.strerror}") from error
    if not lock_file.lock(file, 0):
        raise CannotStart(f"another minova uses {database}")
    return file

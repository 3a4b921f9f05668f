# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The Keystone process: makes its database, then serves it until stdin ends.

Usage: python -m minova.cmd.keystone FOLDER LISTENING URL HERE [HOST...]

FOLDER contains keystone.conf. LISTENING is the file descriptor of a listening socket.
URL is Keystone's URL for clients, with ``/v3``. HERE is its URL for n-api. HOSTs are
the host names that requests may use.

The process prints an empty line when Keystone is ready. It then reads commands from
stdin and prints an empty line after each: ``keep`` saves the database, ``reset``
restores the saved copy.
"""

import contextlib
import gc
import logging
import os
import pathlib
import socket
import sqlite3
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import waitress
from cryptography import fernet

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from minova.api.front.guard import Guard
from minova.local.keystone import cache
from minova.local.keystone.beside import DATABASE
from minova.testing.keystone import PASSWORD

_KEYS = ("fernet", "credential")


def main(
    folder: pathlib.Path, listening: int, url: str, here: str, *hosts: str
) -> None:
    """Serve with one thread.

    Keystone starts to write inside transactions that began with a read. SQLite refuses
    the second of two transactions that do so.
    """
    threading.Thread(target=_obey, args=(folder,), daemon=True).start()
    application = Guard(_keystone(folder, url, here), (), hosts)
    # With one thread, waitress would warn of every request that waits.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        application,
        sockets=[socket.socket(fileno=listening)],
        threads=1,
        connection_limit=1000,
        channel_timeout=75,
        ident=None,
    )
    gc.freeze()
    gc.enable()
    _tell()
    server.run()


def _keystone(
    folder: pathlib.Path, url: str, here: str
) -> Callable[..., Iterable[bytes]]:
    """Create the database with Keystone's own commands, and return its application."""
    _make_keys(folder)
    os.environ |= {
        "OS_BOOTSTRAP_PASSWORD": PASSWORD,
        "OS_KEYSTONE_CONFIG_DIR": str(folder),
    }
    sys.argv = ["keystone"]
    gc.disable()
    # The import costs a second of processor time. The forks below share it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from keystone.cmd import cli  # noqa: PLC0415
        from keystone.server import wsgi  # noqa: PLC0415

    conf = ("keystone-manage", "--config-file", str(folder / "keystone.conf"))
    where = [
        *("--bootstrap-region-id", "RegionOne", "--bootstrap-public-url", url),
        *("--bootstrap-internal-url", here, "--bootstrap-admin-url", here),
    ]
    _in_a_fork(cli.main, [*conf, "db_sync"])
    _in_a_fork(cli.main, [*conf, "bootstrap", *where])
    application: Callable[..., Iterable[bytes]] = wsgi.initialize_public_application()
    return application


def _make_keys(folder: pathlib.Path) -> None:
    """Do what ``keystone-manage fernet_setup`` does, which refuses to run as root."""
    for name in _KEYS:
        (folder / name).mkdir(mode=0o700)
        for number in ("0", "1"):
            (folder / name / number).write_bytes(fernet.Fernet.generate_key())


def _in_a_fork(command: Callable[..., Any], arguments: list[str]) -> None:
    """Run a command in a child process, because it sets process-wide options.

    Raises:
        SystemExit: the command failed. It has printed why.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            command(arguments)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    _pid, how = os.waitpid(child, 0)
    if how:
        raise SystemExit(1)


def _obey(folder: pathlib.Path) -> None:
    """Run the commands from stdin. Exit at once when stdin is closed."""
    database, start = folder / DATABASE, folder / "start.sqlite"
    for line in sys.stdin:
        if line == "keep\n":
            _copy(database, start)
        elif line == "reset\n":
            # Keystone has the database open. SQLite's locks make this safe.
            _copy(start, database)
            cache.KEPT.clear()
        _tell()
    os._exit(0)


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _tell() -> None:
    print(flush=True)  # noqa: T201 - the parent waits for this line


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])

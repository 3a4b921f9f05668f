# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The process of Keystone: its database made, and then served until its stdin ends.

Usage: python -m minova.cmd.keystone FOLDER LISTENING URL HERE [HOST...]

FOLDER has keystone.conf; LISTENING is the number of a socket; URL is Keystone's as
clients know it, with ``/v3``, and HERE as n-api does; HOSTs are names that are allowed.
It prints a line once it answers, and one for each line of its stdin, when that is done:
``keep`` the database as it is, ``reset`` it to that.
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
    """Serve, with one thread.

    Keystone begins to write in the middle of transactions that read, and SQLite refuses
    the second one that does.
    """
    threading.Thread(target=_obey, args=(folder,), daemon=True).start()
    application = Guard(_keystone(folder, url, here), (), hosts)
    # It warns of each request that one thread does not answer in the very moment.
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
    """Keystone's application, over a database that its own commands have made."""
    _make_keys(folder)
    os.environ |= {
        "OS_BOOTSTRAP_PASSWORD": PASSWORD,
        "OS_KEYSTONE_CONFIG_DIR": str(folder),
    }
    sys.argv = ["keystone"]
    gc.disable()
    # Imported once for all: a second of processor time.
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
    """As ``keystone-manage fernet_setup`` does, which refuses to be root."""
    for name in _KEYS:
        (folder / name).mkdir(mode=0o700)
        for number in ("0", "1"):
            (folder / name / number).write_bytes(fernet.Fernet.generate_key())


def _in_a_fork(command: Callable[..., Any], arguments: list[str]) -> None:
    """Run a command whose options are its process's own.

    Raises:
        SystemExit: it failed, and has said why.
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
    """Do what stdin says, and end at once with whoever has its other end."""
    database, start = folder / DATABASE, folder / "start.sqlite"
    for line in sys.stdin:
        if line == "keep\n":
            _copy(database, start)
        elif line == "reset\n":
            # Under its feet: SQLite's locks allow that.
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
    print(flush=True)  # noqa: T201 - that is how the parent knows


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""oslo.db's options → a SQLAlchemy engine, set up for how minova writes."""

import contextlib
import os
import pathlib
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any, Final

import regex
import sqlalchemy as sa
from oslo_config import cfg
from oslo_db.sqlalchemy import exc_filters

WRITES = "minova_writes"
"""The execution option of a connection that is going to write."""

SQLITE_WAIT: Final = 5
"""Seconds to wait for another writer of an SQLite file."""

_LOOK_AGAIN: Final = 0.002
"""Seconds until the next look whether an SQLite file may be written to."""

_engines: Final = weakref.WeakValueDictionary[sa.URL, sa.Engine]()
"""Of this process, as long as somebody has them."""
_making: Final = threading.Lock()


def create(options: cfg.ConfigOpts, *, wait: int = 3) -> sa.Engine:
    """Make an engine from ``[database]`` options, or find the one that has their URL.

    Whoever asks for it in the same process shares its pool, which is as large as the
    first wanted it, and with ``sqlite://`` the database.  Nothing connects yet, so it
    may be made before a fork, but not used before one.

    Args:
        wait: seconds for MariaDB to answer a statement; a migration needs more.

    Raises:
        cfg.Error: ``connection`` cannot be used.  It is not shown: it has a password.
    """
    try:
        return _create(options, wait)
    except ImportError as error:
        raise cfg.Error(
            f"[database] connection cannot be used ({error}; for MariaDB and MySQL "
            "install minova[mysql])"
        ) from None
    except (sa.exc.ArgumentError, ValueError) as error:
        raise cfg.Error(
            f"[database] connection cannot be used ({type(error).__name__})"
        ) from None


def _create(options: cfg.ConfigOpts, wait: int) -> sa.Engine:
    """Make it or find it.

    oslo.db 18.1 gives the options operators know and errors that are the same for all
    databases (``DBDuplicateEntry``, ``DBDeadlock``, ``DBConnectionError``).  Its own
    ``create_engine`` is not used: it insists on a new SQLite connection for each
    transaction, and each last one to close empties the write-ahead log (ADR 9).
    """
    database = options.database
    url = sa.make_url(database.connection)
    arguments: dict[str, Any] = {
        "pool_size": database.max_pool_size,
        "max_overflow": database.max_overflow,
        "pool_timeout": database.pool_timeout or 5,
        "pool_recycle": database.connection_recycle_time,
    }
    make = sqlite
    if url.get_backend_name() != "sqlite":
        url, make = _with_limits(url, wait), _server
    with _making:
        engine = _engines.get(url)
        if engine is None:
            engine = _engines[url] = make(url, **arguments)
        return engine


def _server(url: sa.URL, **arguments: Any) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,
        # What users sent, passwords too, would be in the text of every error.
        hide_parameters=True,
        **arguments,
    )
    exc_filters.register_engine(engine)
    return engine


_CONNECT_WITHIN: Final = 2
"""Seconds."""

LOCK_WAIT: Final = 2
"""Seconds to wait for a row or a table; less than for an answer, or the connection
would be given up for every lock."""


def _with_limits(url: sa.URL, wait: int) -> sa.URL:
    """Bound every wait; what the operator wrote into the URL goes before.

    PyMySQL 1.2 waits forever for a server that is there and is silent.  The first
    question to such a server waits for the old connection and for a new one.
    """
    ours = {
        "charset": "utf8mb4",
        "connect_timeout": str(_CONNECT_WITHIN),
        "read_timeout": str(wait),
        "write_timeout": str(wait),
        "init_command": f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT}, "
        f"lock_wait_timeout = {LOCK_WAIT}",
    }
    return url.set(query=ours | dict(url.query))


def sqlite(url: sa.URL, **arguments: Any) -> sa.Engine:
    """An engine for SQLite: one writer at a time, and readers beside it.

    A transaction that writes says so at its BEGIN (``WRITES``): one that begins as a
    reader and then writes is refused at once, without waiting, when somebody wrote
    meanwhile (SQLITE_BUSY_SNAPSHOT).
    """
    if url.database in (None, "", ":memory:"):
        # One connection, and with it one database, for the whole process.
        arguments = {
            "poolclass": sa.StaticPool,
            "connect_args": {"check_same_thread": False},
        }
    else:
        path = pathlib.Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            # Users' data and passwords are in it: nobody else reads it.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o660))
        arguments |= {"poolclass": sa.QueuePool}
        arguments["connect_args"] = {
            "timeout": SQLITE_WAIT,
            "check_same_thread": False,
        }
    engine = sa.create_engine(url, hide_parameters=True, **arguments)
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    exc_filters.register_engine(engine)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # sqlite3 would begin transactions by itself, late and always as a reader.
    connection.isolation_level = None
    for pragma in _pragmas():
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("regexp", 2, _regexp, deterministic=True)


def _regexp(pattern: str, text: str | None) -> bool:
    """What REGEXP means; a pattern that takes its time is given up.

    Python's own ``re`` would keep the whole process waiting for ``(a+)+$``.

    Raises:
        TimeoutError: after 50 ms with one text; to SQLite that is a failed query.
    """
    if text is None:
        return False
    found = regex.search(pattern, text, timeout=0.05, concurrent=True)
    return found is not None


def _pragmas() -> Iterator[str]:
    yield "journal_mode = WAL"
    # A commit waits for the disk: a 202 outlives a power cut.  NORMAL would sync at
    # checkpoints only, and forget the last transactions.
    yield "synchronous = FULL"
    yield "foreign_keys = ON"


def _on_begin(connection: sa.Connection) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    if connection.get_execution_options().get(WRITES):
        _begin_to_write(connection, raw)
    else:
        raw.execute("BEGIN")


def _begin_to_write(connection: sa.Connection, raw: sqlite3.Connection) -> None:
    """Take SQLite's one lock, or wait for those who have it.

    SQLite's own waiting sleeps for longer each time, 100 ms in the end.  Beside busy
    processes, which hardly let go of the lock, it wakes up too seldom to find it free,
    and gives up after seconds in which hundreds of others wrote.
    """
    deadline = time.monotonic() + SQLITE_WAIT
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while not _takes_lock(raw):
            if time.monotonic() > deadline:
                # Refused again, in SQLAlchemy's words, unless it is free by now.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            time.sleep(_LOOK_AGAIN)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT * 1000}")


def _takes_lock(raw: sqlite3.Connection) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True

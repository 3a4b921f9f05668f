# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""SQLAlchemy engines, made from oslo.db's options and tuned for minova's writes."""

import contextlib
import functools
import json
import os
import pathlib
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db.sqlalchemy import exc_filters
from sqlalchemy import pool

from minova.db.connection import sqlite_dialect, tls

TRUSTED: Final = 1.0
"""Seconds for which a connection that was used needs no check."""
_RETURNED: Final = "minova_returned"
"""Key of the time when a connection returned to the pool, by the monotonic clock."""
_FAILED: Final = "minova_failed"
"""Key of a connection's mark: something failed, so a transaction may be left open."""

_engines: Final = weakref.WeakValueDictionary[sa.URL, sa.Engine]()
"""The engines in use in this process, by URL."""
_readers: Final = weakref.WeakKeyDictionary[sa.Engine, sa.Engine]()
"""MariaDB's engines for single statements that read, by the engine they belong to."""
_making: Final = threading.Lock()


def create(options: cfg.ConfigOpts, *, wait: int = 3) -> sa.Engine:
    """Return the engine for the ``[database]`` options.  Make it if it is new.

    In one process, all callers with the same URL share the engine's pool, and with
    ``sqlite://`` the database.  The first caller sets the size of the pool.  No
    connection is opened yet, so an engine may be made before a fork.  It must not be
    used before one.

    Args:
        wait: seconds that MariaDB may take to answer.  A migration needs more.

    Raises:
        cfg.Error: ``connection`` cannot be used.  The message omits the URL, because it
            contains a password.
    """
    try:
        return _create(options, wait)
    except ImportError as error:
        raise cfg.Error(
            f"[database] connection cannot be used ({error}; for MariaDB and MySQL "
            "install minova[mysql] for mysql+pymysql://, or minova[mysqlclient] for "
            "mysql+mysqldb://)"
        ) from None
    except (sa.exc.ArgumentError, ValueError) as error:
        raise cfg.Error(
            f"[database] connection cannot be used ({type(error).__name__})"
        ) from None


def _create(options: cfg.ConfigOpts, wait: int) -> sa.Engine:
    """Find or make the engine.

    oslo.db 18.1 provides the options that operators know, and the same errors for all
    databases (``DBDuplicateEntry``, ``DBDeadlock``, ``DBConnectionError``).  Its
    ``create_engine`` is not used.  It opens a new SQLite connection for each
    transaction, and closing the last connection empties the write-ahead log (ADR 9).
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
        url, make = tls.with_tls(_with_limits(url, wait)), _server
    with _making:
        engine = _engines.get(url)
        if engine is None:
            engine = _engines[url] = make(url, **arguments)
        return engine


def _from_json(text: str) -> Any:
    """As ``json.loads``, in half its time, which is 5 % of a list (measured).

    ``json.loads`` also reads what minova does not write, such as spaces around a value.
    """
    try:
        value, end = _DECODER.raw_decode(text)
    except (TypeError, ValueError):
        return json.loads(text)
    return value if end == len(text) else json.loads(text)


_DECODER: Final = json.JSONDecoder()


def _server(url: sa.URL, **arguments: Any) -> sa.Engine:
    """Make an engine for MariaDB, and a second one for ``to_read``."""
    engine = _pooled(url, **arguments)
    _readers[engine] = _pooled(
        url, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, **arguments
    )
    return engine


def _pooled(url: sa.URL, **arguments: Any) -> sa.Engine:
    engine = _engine(url, _on_error, **arguments)
    sa.event.listen(engine, "reset", _on_return)
    sa.event.listen(engine, "checkout", functools.partial(_on_take, engine.dialect))
    return engine


def _engine(
    url: sa.URL,
    on_error: Callable[[sa.engine.ExceptionContext], object] = exc_filters.handler,
    **arguments: Any,
) -> sa.Engine:
    engine = sa.create_engine(
        url,
        # Otherwise error texts would contain the values of users, even passwords.
        hide_parameters=True,
        json_deserializer=_from_json,
        # Otherwise each returned connection is rolled back, even after its COMMIT.
        pool_reset_on_return=None,
        **arguments,
    )
    # Not register_engine: it also listens to the ends of transactions, which costs as
    # much as a listener to ``begin`` (sqlite_dialect).  Only savepoints need that.
    sa.event.listen(engine, "handle_error", on_error, retval=True)
    return engine


_NO_CONNECTION: Final = (
    2005,  # unknown host
    2026,  # TLS failed
)
"""Errors that oslo.db does not know.  mysqlclient also gives 2026 for a connection with
TLS that broke, and PyMySQL for a server without TLS."""


def _on_error(context: sa.engine.ExceptionContext) -> object:
    """Mark the connection for ``_on_return``, and return oslo.db's error.

    The mark ends with the connection: SQLAlchemy forgets it with an invalid one.
    """
    number = next(iter(context.original_exception.args), None)
    if number in _NO_CONNECTION:
        context.is_disconnect = True
    connection = context.connection
    # ``info`` of an invalid connection would connect again.
    if connection is not None and not (connection.closed or connection.invalidated):
        connection.info[_FAILED] = True
    translated: object = exc_filters.handler(context)
    return translated


def _on_return(
    connection: Any, record: sa.pool.ConnectionPoolEntry, state: pool.PoolResetState
) -> None:
    if state.terminate_only:
        return  # it is closed, and does not return
    record.info[_RETURNED] = time.monotonic()
    # A transaction is left open only if its own COMMIT or ROLLBACK failed.
    if record.info.pop(_FAILED, False):
        connection.rollback()


def _on_take(
    dialect: sa.Dialect,
    connection: Any,
    record: sa.pool.ConnectionPoolEntry,
    _taken: sa.PoolProxiedConnection,
) -> None:
    """Check a connection that was idle: the server may have closed it.

    SQLAlchemy's ``pool_pre_ping`` would check it each time, which is one round trip for
    each transaction.

    Raises:
        sa.exc.InvalidatePoolError: the pool replaces this connection and all others.
    """
    returned = record.info.get(_RETURNED)
    if returned is None or time.monotonic() - returned < TRUSTED:
        return  # it is new, or was used just now
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.InvalidatePoolError from error


_CONNECT_WITHIN: Final = 2
"""Seconds that MariaDB may take to accept a connection."""

LOCK_WAIT: Final = 2
"""Seconds to wait for a locked row or table.

This is shorter than the wait for an answer, after which the connection is lost.
"""


def _with_limits(url: sa.URL, wait: int) -> sa.URL:
    """Limit every wait.  Settings in the operator's URL take precedence.

    Otherwise both drivers wait forever for a server that is up but silent.  The first
    statement after a pause waits twice for such a server: on the old connection, then
    on a new one.
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
    """Make an engine for SQLite: one writer at a time, with concurrent readers."""
    if url.database in (None, "", ":memory:"):
        # The whole process shares one connection, and therefore one database.
        arguments = {"poolclass": sa.StaticPool}
    else:
        path = pathlib.Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            # The file has users' data and passwords, so other users may not read it.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o660))
        arguments |= {"poolclass": sa.QueuePool}
    arguments["connect_args"] = {
        "timeout": sqlite_dialect.WAIT,
        "check_same_thread": False,
        "factory": sqlite_dialect.Connection,
    }
    engine = _engine(url.set(drivername=sqlite_dialect.NAME), **arguments)
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "reset", _on_return_to_file)
    return engine


def to_read(engine: sa.Engine) -> sa.Connection:
    """Take a connection for single statements that read, without a transaction.

    On MariaDB, the ROLLBACK of a transaction is another round trip, and takes half of
    the time for such a question (measured).  So these connections are in autocommit
    mode there, in a pool of their own.
    """
    reader = _readers.get(engine)
    return _take(engine, None) if reader is None else reader.connect()


def to_write(engine: sa.Engine) -> sa.Connection:
    """Take a connection for transactions that write.

    They lock an SQLite file at their BEGIN, or wait for the lock.
    """
    return _take(engine, sqlite_dialect.BEGIN_TO_WRITE)


def dispose(engine: sa.Engine) -> None:
    """Close the idle connections.  Those in use are closed when they return."""
    for each in (engine, _readers.get(engine)):
        if each is not None:
            each.dispose()


def _take(engine: sa.Engine, begin: str | None) -> sa.Connection:
    connection = engine.connect()
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite_dialect.Connection):
        raw.begin = begin
    return connection


def _on_return_to_file(
    connection: sqlite_dialect.Connection, _record: object, _state: object
) -> None:
    connection.begin, connection.must_begin = sqlite_dialect.BEGIN, False
    if connection.in_transaction:
        connection.rollback()


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # Otherwise sqlite3 would begin transactions itself, late and as readers.
    connection.isolation_level = None
    for pragma in _pragmas():
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("regexp", 2, _regexp, deterministic=True)


def _regexp(pattern: str, text: str | None) -> bool:
    """Implement REGEXP, with a time limit for slow patterns.

    Python's own ``re`` would block the whole process for ``(a+)+$``.

    Raises:
        TimeoutError: after 50 ms with one text.  The query then fails in SQLite.
    """
    import regex  # noqa: PLC0415 - takes 1 MiB, and only a filter of a list asks for it

    if text is None:
        return False
    found = regex.search(pattern, text, timeout=0.05, concurrent=True)
    return found is not None


def _pragmas() -> Iterator[str]:
    yield "journal_mode = WAL"
    # A commit waits for the disk, so a request answered with 202 survives a power cut.
    # NORMAL would sync only at checkpoints, and lose the last transactions.
    yield "synchronous = FULL"
    yield "foreign_keys = ON"
    # From now on, sqlite_dialect waits for a locked file.
    yield "busy_timeout = 0"

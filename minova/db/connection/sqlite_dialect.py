# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How transactions begin on SQLite: one writer at a time, with concurrent readers."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import pysqlite

NAME: Final = "sqlite+minova"
"""The name in a URL for ``create_engine``."""

WAIT: Final = 5
"""Seconds to wait for another writer of the file."""

_LOOK_AGAIN: Final = 0.0005
"""Seconds between two tries of a statement that found the file locked."""
_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY})

BEGIN: Final = "BEGIN"
BEGIN_TO_WRITE: Final = "BEGIN IMMEDIATE"
"""Locks the file.  A transaction that began as a reader could not write if another
connection wrote meanwhile: SQLite would refuse it without waiting
(SQLITE_BUSY_SNAPSHOT)."""
_WRITES: Final = ("INSERT", "UPDATE", "DELETE")


class Connection(sqlite3.Connection):
    """A connection that knows how to begin, and waits for a locked file.

    SQLite's own wait sleeps longer each time, up to 100 ms.  Busy processes release the
    lock only for moments, which such a wait would miss.  So it would give up
    after seconds in which hundreds of other transactions wrote.

    Attributes:
        begin: the statement that begins a transaction; None for single statements that
            read, which need no transaction.
        must_begin: whether a transaction that writes begins with the next statement.
    """

    begin: str | None = BEGIN
    must_begin = False

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def commit(self) -> None:
        """Commit.  Without a write-ahead log, wait for those who read."""
        _when_free(super().commit)


class _Cursor(sqlite3.Cursor):
    connection: Connection

    def execute(self, statement: str, *arguments: Any) -> "_Cursor":
        self._begin_with(statement)
        _when_free(super().execute, statement, *arguments)
        return self

    def executemany(self, statement: str, *arguments: Any) -> "_Cursor":
        self._begin_with(statement)
        _when_free(super().executemany, statement, *arguments)
        return self

    def _begin_with(self, statement: str) -> None:
        """Begin a transaction that writes, if this is its first statement.

        A statement that writes locks the file itself.  After a BEGIN IMMEDIATE, the
        thread would wait for the interpreter while the file is locked.  If many threads
        are busy, that takes longer than all the rest (measured).
        """
        if self.connection.must_begin:
            self.connection.must_begin = False
            begin = BEGIN if statement.startswith(_WRITES) else BEGIN_TO_WRITE
            _when_free(super().execute, begin)


class Dialect(pysqlite.SQLiteDialect_pysqlite):
    """pysqlite's dialect with its own BEGIN.

    A listener to SQLAlchemy's event ``begin`` could do the same.  But with any such
    listener, SQLAlchemy 2.1 prepares 20 events for each statement, which takes a fifth
    of the time for a question (measured).
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: sa.PoolProxiedConnection) -> None:
        raw = dbapi_connection.driver_connection
        assert isinstance(raw, Connection)
        if raw.begin == BEGIN_TO_WRITE:
            raw.must_begin = True
        elif raw.begin is not None:
            raw.execute(raw.begin)


def _when_free(execute: Callable[..., object], *arguments: Any) -> None:
    """Execute something, again and again while the file is locked.

    Raises:
        sqlite3.OperationalError: SQLITE_BUSY, after ``WAIT``; or any other error.
    """
    deadline = None
    while True:
        try:
            execute(*arguments)
        except sqlite3.OperationalError as error:
            now = time.monotonic()
            deadline = deadline or now + WAIT
            if now > deadline or error.sqlite_errorcode not in _LOCKED:
                raise
        else:
            return
        time.sleep(_LOOK_AGAIN)


registry.register("sqlite.minova", __name__, Dialect.__name__)

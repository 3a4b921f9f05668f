# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of a database, for an operator who asks why it does not answer."""

import datetime
import pathlib
import sqlite3

import sqlalchemy as sa

from minova.db.clock import utcnow
from minova.db.connection.engine import LOCK_WAIT
from minova.db.connection.transactions import Transactions, question

_NOT_ALLOWED = "(1227, "  # a privilege is missing


class Health(Transactions):
    """Small questions that write nothing."""

    @question
    def now(self) -> datetime.datetime:
        """The time by the database's clock, in UTC."""
        with self._read() as connection:
            return connection.execute(sa.select(utcnow())).scalar_one()

    @question
    def is_read_only(self) -> bool:
        """Whether a MariaDB refuses writes.

        False for SQLite: the mode of its file tells that.
        """
        if self._engine.dialect.name == "sqlite":
            return False
        with self._read() as connection:
            return bool(connection.scalar(sa.text("SELECT @@global.read_only")))

    @question
    def long_transactions(self) -> list[int] | None:
        """Find connections of a MariaDB that lock rows longer than anybody waits.

        Returns:
            Their ids, for ``KILL``; None without the privilege to see them.
        """
        if self._engine.dialect.name == "sqlite":
            return []
        query = sa.text(
            "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx"
            " WHERE trx_rows_locked > 0"
            " AND trx_started < NOW() - INTERVAL :seconds SECOND"
        )
        try:
            with self._read() as connection:
                return list(connection.scalars(query, {"seconds": LOCK_WAIT}))
        except sa.exc.DBAPIError as error:
            if _NOT_ALLOWED not in str(error):
                raise
            return None


def sqlite_file(engine: sa.Engine) -> pathlib.Path | None:
    """The file of an SQLite database; None for any other database."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or name in (None, "", ":memory:"):
        return None
    return pathlib.Path(str(name))


def is_locked(path: pathlib.Path, within: float) -> bool:
    """Whether somebody else holds an SQLite file's write lock for ``within`` seconds.

    Takes the lock for a moment and writes nothing.

    Raises:
        sqlite3.OperationalError: the file cannot be opened or written.
    """
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=within)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return True
    else:
        connection.rollback()
        return False
    finally:
        connection.close()

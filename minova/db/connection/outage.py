# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether the database is away, and which thread checks whether it is back."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception
from oslo_log import log as logging

from minova import exception

LOG = logging.getLogger(__name__)

_READ_ONLY: Final = (
    "(1290, ",  # running with --read-only
    "(1836, ",  # running in read-only mode
)
_REFUSED: Final = (
    "(2002, ",  # mysqlclient
    "(2003, ",  # PyMySQL
    "(2005, ",  # unknown host
)
_BROKEN: Final = ("file is not a database", "database disk image is malformed")
# Errors of SQLite and MariaDB that oslo.db 18.1 does not translate.  They end by
# themselves or when an operator acts.  Until then they count as an outage.
_LATER: Final = (
    *_READ_ONLY,
    "database is locked",
    "database table is locked",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database or disk is full",
    *_BROKEN,
    "(1021, ",  # disk full
    "(1040, ",  # too many connections
    "(1045, ",  # access denied: somebody changes the password right now
    "(1053, ",  # server shutdown in progress
    "(1114, ",  # the table is full
    "(1129, ",  # host is blocked
    "(1203, ",  # max_user_connections
    "(1205, ",  # lock wait timeout
    "(1213, ",  # deadlock
    "(1226, ",  # max_user_connections, by resource limit
    "(1317, ",  # query execution was interrupted: an operator's KILL QUERY
    "(1792, ",  # cannot execute in a READ ONLY transaction
    "(1969, ",  # max_statement_time exceeded
    "(4031, ",  # disconnected by the server because of inactivity
)
# The schema does not fit this code: a migration is running, or was forgotten.
_SCHEMA: Final = (
    "no such table",
    "no such column",
    "has no column named",
    "(1049, ",  # unknown database
    "(1054, ",  # unknown column
    "(1146, ",  # no such table
)

_WAIT_FOR_LOOK: Final = 1.0
"""Seconds for which a question waits for another thread's check."""


def is_gone(error: BaseException) -> bool:
    """Whether the server cannot be reached, by this question or any other."""
    return isinstance(error, oslo_db_exception.DBConnectionError) or isinstance(
        error.__cause__, oslo_db_exception.DBConnectionError
    )


def is_refused(error: BaseException) -> bool:
    """Whether no connection could be made, so a retry would hardly help."""
    return any(text in str(error) for text in _REFUSED)


def is_read_only(error: BaseException) -> bool:
    """Whether the server is read-only: another server may be the primary now."""
    return any(text in str(error) for text in _READ_ONLY)


def is_broken(error: BaseException) -> bool:
    """Whether SQLite cannot read its file."""
    return any(text in str(error) for text in _BROKEN)


def is_of_schema(error: BaseException) -> bool:
    """Whether the question does not fit the existing tables."""
    return any(text in str(error) for text in _SCHEMA)


def is_away(error: BaseException) -> bool:
    """Whether a later retry may help."""
    return (
        isinstance(
            error,
            oslo_db_exception.DBConnectionError
            | oslo_db_exception.DBDeadlock
            # The pool has no free connection.
            | sa.exc.TimeoutError,
        )
        or any(text in str(error) for text in _LATER)
        or is_of_schema(error)
    )


class Outage:
    """Keeps threads from all waiting for a server that is known to be away.

    One question at a time still tries.  The first answer ends the outage.  The start
    and the end of an outage are each logged once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._back_at = float("-inf")
        self._looked = threading.Condition(self._lock)
        self._looking = False
        self._schema_said = False

    def answering_for(self) -> float:
        """Seconds since the last outage ended: 0 during one, infinite before any."""
        return 0 if self._since is not None else time.monotonic() - self._back_at

    @contextlib.contextmanager
    def question(self) -> Iterator[None]:
        """Wrap every question.

        Raises:
            DatabaseUnavailable: the server is away, and for a second it was the turn of
                other threads to check it.
        """
        looks = self._may_look()
        try:
            yield
        except Exception as error:
            if is_gone(error):
                self._begin(error)
            elif not isinstance(error, sa.exc.TimeoutError):
                self._end()
            raise
        else:
            self._end()
        finally:
            if looks:
                with self._lock:
                    self._looking = False
                    self._looked.notify_all()

    def say_schema(self, error: Exception) -> None:
        """Log once that the question does not fit the tables, if that is the error."""
        if is_of_schema(error) and not self._schema_said:
            self._schema_said = True
            LOG.error(
                "The database schema does not match this version. "
                "Run minova-manage db sync: %s",
                _in_short(error),
            )

    def _may_look(self) -> bool:
        if self._since is None:
            return False
        with self._lock:
            # One thread checks whether the server is back.  All others wait for it.
            # If it is not, they check in turn: what one found may be old.
            if not self._looked.wait_for(self._may_go_on, _WAIT_FOR_LOOK):
                raise exception.DatabaseUnavailable
            self._looking = self._since is not None
            return self._looking

    def _may_go_on(self) -> bool:
        return self._since is None or not self._looking

    def _begin(self, error: Exception) -> None:
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
                LOG.error("The database cannot be reached: %s", _in_short(error))

    def _end(self) -> None:
        if self._since is None:
            return
        with self._lock:
            if self._since is not None:
                LOG.info(
                    "The database is back after %.1f s", time.monotonic() - self._since
                )
                self._since = None
                self._back_at = time.monotonic()


def _in_short(error: Exception) -> str:
    """The first line; the rest is the statement and a link."""
    return str(error).partition("\n")[0]

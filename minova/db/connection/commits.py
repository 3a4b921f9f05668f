# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How transactions that write end: each alone, or several with one COMMIT.

An SQLite file has one writer at a time.  If each thread of a busy process had its own
COMMIT, it would mostly wait: for the file, which other processes write too, and for the
disk.  So a thread that has waited joins the transaction of the thread before it.
"""

import collections
import contextlib
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Final

import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception

from minova.db.connection import engine as engines
from minova.db.connection import sqlite_dialect

_MOST: Final = 16
"""Members of a group.  Other processes wait until the group has committed."""


class CommitFailedError(Exception):
    """COMMIT was sent, and nobody knows whether anything was written.

    Attributes:
        error: the database's error.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextlib.contextmanager
def alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction, committed at the end.

    Raises:
        CommitFailedError: the COMMIT failed, or got no answer.
        DBDeadlock: it was rolled back.
    """
    with engines.to_write(engine) as connection:
        transaction = connection.begin()
        try:
            yield connection
        except BaseException:
            transaction.rollback()
            raise
        _commit(transaction)


class GroupCommit:
    """Lets one thread of this process write at a time, and commits for several."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting = collections.deque[threading.Event]()
        self._group: _Group | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction, or a part of another thread's, committed at the end.

        If it fails, only its own part is rolled back.

        Raises:
            CommitFailedError: the COMMIT failed, or got no answer.
            DBDeadlock: the whole group was rolled back.
            sa.exc.TimeoutError: others were writing all the time.
        """
        self._take_turn()
        try:
            group = self._group = self._group or _Group(self._engine)
            with group.member() as connection:
                yield connection
        finally:
            self._end_turn()
        group.end.result()

    def _take_turn(self) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        try:
            turn.wait(sqlite_dialect.WAIT)
        finally:
            with self._lock:
                # The turn may come at the last moment.
                is_late = not turn.is_set()
                if is_late:
                    self._waiting.remove(turn)
        if is_late:
            raise sa.exc.TimeoutError("database is locked: others write")

    def _end_turn(self) -> None:
        group = self._group
        with self._lock:
            if group is not None and group.is_open() and self._waiting:
                self._waiting.popleft().set()
                return
        self._group = None
        try:
            if group is not None:
                group.commit()
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._is_taken = False


class _Group:
    """A transaction in which threads write one after the other.

    Attributes:
        end: what the members wait for.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.end = futures.Future[None]()
        self._members = 0
        self._connection = engines.to_write(engine)
        self._transaction = self._connection.begin()

    def is_open(self) -> bool:
        """Whether another thread may join."""
        return self._members < _MOST and self._transaction.is_active

    @contextlib.contextmanager
    def member(self) -> Iterator[sa.Connection]:
        self._members += 1
        try:
            if self._members > 1:
                self._connection.exec_driver_sql(f"SAVEPOINT {self._savepoint}")
            yield self._connection
        except BaseException:
            self._take_back()
            raise

    @property
    def _savepoint(self) -> str:
        return f"member_{self._members}"

    def _take_back(self) -> None:
        """Roll back what the last member wrote."""
        if self._members > 1:
            try:
                self._connection.exec_driver_sql(f"ROLLBACK TO {self._savepoint}")
            except Exception as error:
                # SQLite has rolled back everything, for example for lack of memory.
                self.end.set_exception(oslo_db_exception.DBDeadlock(error))
            else:
                return
        self._transaction.rollback()

    def commit(self) -> None:
        """Commit for all members, unless the transaction was rolled back."""
        with self._connection:
            if not self._transaction.is_active:
                return
            try:
                _commit(self._transaction)
            except BaseException as error:
                self.end.set_exception(error)
            else:
                self.end.set_result(None)


def _commit(transaction: sa.Transaction) -> None:
    try:
        transaction.commit()
    except oslo_db_exception.DBDeadlock:
        raise  # rolled back for certain
    except Exception as error:
        raise CommitFailedError(error) from error

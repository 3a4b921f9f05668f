# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How each question reaches the database.

A question is a method that reads or changes the database.  A change is one transaction.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from typing import Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.db.connection import commits
from minova.db.connection import engine as engines
from minova.db.connection.commits import CommitFailedError, GroupCommit
from minova.db.connection.doubts import Doubts, Undo
from minova.db.connection.outage import (
    Outage,
    is_away,
    is_gone,
    is_read_only,
    is_refused,
)

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Transactions")

_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before each retry of a question."""
_AGAIN_WITHIN: Final = 2.0
"""Seconds after which there is no retry: the caller has waited long enough."""
_WAIT_FOR_UNDO: Final = 2.0
"""Seconds for which a caller waits for an undo."""


class Transactions:
    """The base class of every group of questions."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._transaction = (
            GroupCommit(engine).transaction
            if engine.dialect.name == "sqlite"
            else functools.partial(commits.alone, engine)
        )
        self._outage = Outage()
        self._doubts = Doubts()

    def answering_for(self) -> float:
        """Seconds since the database came back; infinite if it was never away."""
        return self._outage.answering_for()

    def close(self) -> None:
        """Close the idle connections.  Other users of the engine open new ones.

        A database in memory is lost.
        """
        engines.dispose(self._engine)

    def _read(self) -> sa.Connection:
        """A connection, for ``with``, to read with a single statement.

        There is no transaction.  A second statement might see another state, and what
        a statement wrote could not be undone.
        """
        return engines.to_read(self._engine)

    def _read_together(self) -> sa.Connection:
        """One transaction, for ``with``, whose statements all see the same state.

        It is rolled back at the end.
        """
        return self._engine.connect()

    @contextlib.contextmanager
    def _write(self, undo: Undo | None = None) -> Iterator[sa.Connection]:
        """One transaction, or a part of one, committed at the end.

        Others may wait for the same COMMIT, so the body must not wait for other
        threads.

        Args:
            undo: takes back what the transaction wrote.  Runs if the database went away
                during COMMIT, when nobody knows whether anything was written.
        """
        try:
            with self._transaction() as connection:
                yield connection
        except CommitFailedError as failed:
            raise _InDoubtError(failed.error, undo) from failed


class _InDoubtError(Exception):
    """COMMIT was sent, but no answer came."""

    def __init__(self, error: Exception, undo: Undo | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.undo = undo


def question(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Make a method a question: retried after a deadlock, refused without a database.

    A method that writes must be one transaction.  It is retried only if that was
    certainly rolled back: after a deadlock, a connection lost before COMMIT, or a
    read-only server.  A method that only reads is repeated as a whole.

    Raises:
        DatabaseUnavailable: the database is gone, is locked for longer than the engine
            waits, or has another schema.  Nothing was changed.  If the answer to COMMIT
            was lost, this holds only for methods that name an ``undo``.
    """

    @functools.wraps(method)
    def ask(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        began = time.monotonic()
        pauses = iter(_PAUSES)
        while True:
            try:
                with self._outage.question():
                    return method(self, *args, **kwargs)
            except _InDoubtError as doubt:
                if doubt.undo is not None:
                    self._doubts.undo(doubt.undo, _WAIT_FOR_UNDO)
                raise exception.CommitInDoubt from doubt.error
            except (
                oslo_db_exception.DBError,
                sa.exc.DBAPIError,
                sa.exc.TimeoutError,
            ) as error:
                if not is_away(error):
                    raise
                _leave_replica(self._engine, error)
                pause = next(pauses, None)
                late = time.monotonic() - began > _AGAIN_WITHIN
                if late or pause is None or not _rolled_back(error):
                    self._outage.say_schema(error)
                    raise exception.DatabaseUnavailable from error
                time.sleep(pause)

    return ask  # type: ignore[return-value]  # mypy 2.4 loses Concatenate in wraps


def _leave_replica(engine: sa.Engine, error: Exception) -> None:
    """Drop the connections to a server that is no longer the primary.

    The old server may still be up, and its connections would stay useless until they
    expire.  New connections reach the new primary.
    """
    if is_read_only(error):
        engines.dispose(engine)


def _rolled_back(error: Exception) -> bool:
    """Whether the transaction was rolled back and a retry may well succeed."""
    return (
        isinstance(error, oslo_db_exception.DBDeadlock)
        or (is_gone(error) and not is_refused(error))
        or is_read_only(error)
    )

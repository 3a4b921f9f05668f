# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One method, one transaction: how each question reaches the database."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from oslo_db import api as oslo_db_api
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.db import engine as engines

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Transactions")


class Transactions:
    """What every group of questions stands on."""

    def __init__(self, engine: sa.Engine) -> None:
        self._reader = engine
        self._writer = engine.execution_options(**{engines.WRITES: True})

    @contextlib.contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with self._reader.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with self._writer.begin() as connection:
            yield connection


def is_away(error: Exception) -> bool:
    """Whether asking later may help."""
    return isinstance(
        error,
        oslo_db_exception.DBConnectionError
        | oslo_db_exception.DBDeadlock
        # The pool has no connection to give.
        | sa.exc.TimeoutError,
        # oslo.db 18.1 has no word for an SQLite that another writer holds.
    ) or any(text in str(error) for text in ("database is locked", "disk I/O error"))


def question(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Make a method a question: asked again after a deadlock, refused without database.

    The method must be one transaction, so that asking again is safe.

    Raises:
        DatabaseUnavailable: gone, or locked for longer than the engine waits.
    """
    asked_again: Callable[Concatenate[S, P], R] = oslo_db_api.wrap_db_retry(
        max_retries=5,
        retry_interval=0.05,
        inc_retry_interval=True,
        retry_on_deadlock=True,
    )(method)

    @functools.wraps(method)
    def ask(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return asked_again(self, *args, **kwargs)
        except (
            oslo_db_exception.DBError,
            sa.exc.DBAPIError,
            sa.exc.TimeoutError,
        ) as error:
            if not is_away(error):
                raise
            raise exception.DatabaseUnavailable from error

    return ask  # type: ignore[return-value]  # mypy 2.4 loses Concatenate in wraps

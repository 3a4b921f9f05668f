# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""When a transaction locks an SQLite file, and how long it waits for others."""

import contextlib
import pathlib
import sqlite3
import threading
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from minova.db.connection import engine as engines
from minova.db.connection import sqlite_dialect

_numbers = sa.table("numbers", sa.column("n"))
_FIRST: dict[str, Callable[[sa.Connection], object]] = {
    "insert": lambda connection: connection.execute(sa.insert(_numbers), {"n": 1}),
    "many": lambda connection: connection.execute(
        sa.insert(_numbers), [{"n": 1}, {"n": 2}]
    ),
    "update": lambda connection: connection.execute(sa.update(_numbers).values(n=1)),
    "delete": lambda connection: connection.execute(sa.delete(_numbers)),
    "select": lambda connection: connection.execute(sa.select(_numbers)).all(),
}
_LEAVES = {
    "insert": [7, 9, 1],
    "many": [7, 9, 1, 2],
    "update": [1, 1],
    "delete": [],
    "select": [7, 9],
}
"""What each first statement makes of 7 and 9."""
every_first = pytest.mark.parametrize("first", _FIRST.values(), ids=_FIRST)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "x.sqlite"


@pytest.fixture
def engine(path: pathlib.Path) -> sa.Engine:
    made = engines.sqlite(sa.make_url(f"sqlite:///{path}"))
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INT)")
        connection.exec_driver_sql("INSERT INTO numbers VALUES (7)")
    return made


@contextlib.contextmanager
def _other(path: pathlib.Path) -> Iterator[sqlite3.Connection]:
    """Another process, which does not wait."""
    other = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )
    with contextlib.closing(other):
        yield other


def _is_locked(path: pathlib.Path) -> bool:
    with _other(path) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


@every_first
def test_the_first_statement_locks_the_file(
    engine: sa.Engine, path: pathlib.Path, first: Callable[[sa.Connection], object]
) -> None:
    with engines.to_write(engine) as connection, connection.begin():
        assert not _is_locked(path)

        first(connection)

        assert _is_locked(path)
    assert not _is_locked(path)


@every_first
def test_the_first_statement_is_rolled_back_too(
    engine: sa.Engine, first: Callable[[sa.Connection], object]
) -> None:
    with engines.to_write(engine) as connection:
        transaction = connection.begin()
        first(connection)
        connection.execute(sa.insert(_numbers), {"n": 8})
        transaction.rollback()

    with engines.to_read(engine) as connection:
        assert connection.scalars(sa.select(_numbers)).all() == [7]


@pytest.mark.parametrize("name", _FIRST)
def test_the_first_statement_waits_for_another_writer(
    engine: sa.Engine, path: pathlib.Path, name: str
) -> None:
    """It then sees what the other one wrote."""
    with _other(path) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO numbers VALUES (9)")
        commits = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        commits.start()

        with engines.to_write(engine) as connection, connection.begin():
            _FIRST[name](connection)
            connection.execute(sa.insert(_numbers), {"n": 10})

        commits.join()
    with engines.to_read(engine) as connection:
        left = connection.scalars(sa.select(_numbers)).all()
    assert left == [*_LEAVES[name], 10]


@every_first
def test_the_wait_has_an_end(
    engine: sa.Engine,
    path: pathlib.Path,
    first: Callable[[sa.Connection], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sqlite_dialect, "WAIT", 0.1)
    with _other(path) as other, engines.to_write(engine) as connection:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError, match="database is locked"):
            first(connection)


def test_a_transaction_without_a_statement(
    engine: sa.Engine, path: pathlib.Path
) -> None:
    """The next one from the pool begins as it should."""
    with engines.to_write(engine) as connection, connection.begin():
        raw = connection.connection.driver_connection

    with engines.to_read(engine) as connection:
        assert connection.connection.driver_connection is raw
        assert connection.scalars(sa.select(_numbers)).all() == [7]
        assert not _is_locked(path)


def test_a_commit_without_a_write_ahead_log_waits_for_readers(
    engine: sa.Engine, path: pathlib.Path
) -> None:
    with engines.to_read(engine) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    with _other(path) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT n FROM numbers").fetchall() == [(7,)]
        ends = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        ends.start()

        with engines.to_write(engine) as connection, connection.begin():
            connection.execute(sa.insert(_numbers), {"n": 8})

        ends.join()
    with engines.to_read(engine) as connection:
        assert connection.scalars(sa.select(_numbers)).all() == [7, 8]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a question asks MariaDB besides its own statements."""

import time
from collections.abc import Iterator
from typing import Final

import pytest
import sqlalchemy as sa

from minova import conf as options
from minova import exception
from minova.db.connection import engine
from minova.db.connection.transactions import Transactions, question
from tests.real_mariadb import DRIVERS, MariaDB


class _Questions(Transactions):
    """Questions that read and write."""

    def dialect(self) -> sa.Dialect:
        return self._engine.dialect

    @question
    def trips(self) -> int:
        """Count what the connections have sent: the one that reads, and the other."""
        with self._read() as first, self._read_together() as second:
            return _sent(first) + _sent(second)

    @question
    def count(self) -> int:
        with self._read() as connection:
            return int(connection.exec_driver_sql("SELECT * FROM numbers").rowcount)

    @question
    def leave_open(self) -> None:
        """Write, and do not commit."""
        with self._read_together() as connection:
            connection.exec_driver_sql("INSERT INTO numbers VALUES (2)")

    @question
    def read(self) -> int:
        with self._read() as connection:
            return int(connection.execute(_ME).scalar_one())

    @question
    def read_together(self) -> int:
        with self._read_together() as connection:
            return int(connection.execute(_ME).scalar_one())

    @question
    def add(self) -> None:
        with self._write() as connection:
            connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")


def _sent(connection: sa.Connection) -> int:
    said = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Com_%%'")
    counts: dict[str, str] = dict(said.tuples().all())
    return sum(int(counts[f"Com_{name}"]) for name in _COUNTED)


_ME: Final = sa.select(sa.func.connection_id())


@pytest.fixture(scope="module", params=DRIVERS)
def questions(request: pytest.FixtureRequest, mariadb: MariaDB) -> Iterator[_Questions]:
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    url = mariadb.new_database(f"trips_{request.param}", request.param)
    conf.set_override("connection", url, group="database")
    made: sa.Engine = engine.create(conf)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INT)")
    asked = _Questions(made)
    yield asked
    asked.close()


_COUNTED = {"select", "insert", "commit", "rollback", "admin_commands"}
"""The kinds of round trips of these questions.  The last one counts pings."""


@pytest.mark.parametrize(
    ("method", "trips"), [("read", 1), ("read_together", 2), ("add", 2)]
)
def test_only_a_transaction_costs_a_round_trip_more(
    questions: _Questions, method: str, trips: int
) -> None:
    ask = getattr(questions, method)
    ask()
    own = -questions.trips() + questions.trips()

    before = questions.trips()
    for _ in range(20):
        ask()

    assert questions.trips() - before - own == 20 * trips


@pytest.mark.parametrize("idle", [0, engine.TRUSTED + 0.1])
@pytest.mark.parametrize("method", ["read", "read_together"])
def test_a_closed_connection_is_replaced(
    questions: _Questions, mariadb: MariaDB, method: str, idle: float
) -> None:
    """A connection that was used just now is not checked, but the question retried."""
    ask = getattr(questions, method)
    closed = ask()
    mariadb.sql(f"KILL {closed}")
    time.sleep(idle)

    assert ask() != closed
    questions.add()


@pytest.mark.parametrize(
    ("method", "end"), [("leave_open", "do_rollback"), ("add", "do_commit")]
)
def test_a_returned_connection_is_in_no_transaction(
    questions: _Questions, monkeypatch: pytest.MonkeyPatch, method: str, end: str
) -> None:
    """It is rolled back if anything failed on it, and only then."""
    dialect = questions.dialect()
    before, connection = questions.count(), questions.read_together()

    def refuse(_connection: object) -> None:
        raise dialect.loaded_dbapi.OperationalError(1317, "Query was interrupted")

    with monkeypatch.context() as patched:
        patched.setattr(dialect, end, refuse)
        with pytest.raises(exception.DatabaseUnavailable):
            getattr(questions, method)()
    questions.add()

    assert questions.read_together() == connection
    assert questions.count() == before + 1
    first = questions.trips()
    assert questions.trips() - first == 1

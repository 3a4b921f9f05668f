# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Threads that write to one SQLite file: one COMMIT for several, each with its end."""

import contextlib
import pathlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.db.connection import engine as engines
from minova.db.connection import sqlite_dialect, transactions
from minova.db.connection.commits import GroupCommit
from minova.db.connection.transactions import Transactions, question
from tests.real_servers import wait_until

_numbers = sa.table("numbers", sa.column("n"))
_UNKNOWN = 40
Then = Callable[[sa.Connection], object]


class _Numbers(Transactions):
    """A table of numbers, to which threads write.

    Attributes:
        commits: how often a COMMIT was sent.
        undone: the numbers whose commit was in doubt.
    """

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self.groups = GroupCommit(engine)
        self._transaction = self.groups.transaction
        self.commits = 0
        self.undone: list[int] = []
        self._go = threading.Event()
        self.threads = ThreadPoolExecutor(40)
        sa.event.listen(engine, "commit", self._count)

    def _count(self, _connection: sa.Connection) -> None:
        self.commits += 1

    @question
    def add(self, n: int, then: Then | None = None) -> None:
        with self._write(lambda: self.undone.append(n)) as connection:
            connection.execute(sa.insert(_numbers), {"n": n})
            if then is not None:
                then(connection)

    @question
    def all(self) -> list[int]:
        with self._read() as connection:
            return sorted(connection.scalars(sa.select(_numbers)))

    def add_slowly(self, n: int, then: Then | None = None) -> Future[None]:
        """Begin to add a number, and stop in the middle, until ``go``."""
        begun = threading.Event()

        def stop(connection: sa.Connection) -> None:
            begun.set()
            assert self._go.wait(20)
            if then is not None:
                then(connection)

        adding = self.threads.submit(self.add, n, stop)
        assert begun.wait(20)
        return adding

    def add_behind(self, n: int, then: Then | None = None) -> Future[None]:
        """Begin to add a number in a thread that waits for its turn."""
        before = self.waiting()
        adding = self.threads.submit(self.add, n, then)
        wait_until(lambda: self.waiting() > before, 20, "the thread waits")
        return adding

    def waiting(self) -> int:
        return len(self.groups._waiting)

    def go(self) -> None:
        self._go.set()

    def end(self) -> None:
        self._go.set()
        self.threads.shutdown()
        self.close()


@pytest.fixture
def numbers(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[_Numbers]:
    # A busy machine needs a while until all threads wait.
    monkeypatch.setattr(sqlite_dialect, "WAIT", 60)
    monkeypatch.setattr(transactions, "_AGAIN_WITHIN", 60)
    engine = engines.sqlite(sa.make_url(f"sqlite:///{tmp_path}/x"), pool_size=40)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE known (n INT PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE numbers (n INT REFERENCES known DEFERRABLE INITIALLY "
            "DEFERRED)"
        )
        known = [{"n": n} for n in range(_UNKNOWN)]
        connection.execute(sa.insert(sa.table("known", sa.column("n"))), known)
    made = _Numbers(engine)
    yield made
    made.end()


def _fail(_connection: sa.Connection) -> None:
    raise ValueError("this member fails")


def test_threads_that_waited_share_one_commit(numbers: _Numbers) -> None:
    """None of them goes on before it."""
    ends: list[bool] = []
    first = numbers.add_slowly(1)
    others = [numbers.add_behind(n) for n in (2, 3)]
    last = numbers.add_behind(
        4, lambda _: ends.extend(each.done() for each in (first, *others))
    )

    numbers.go()
    for each in (first, *others, last):
        each.result(20)

    assert numbers.commits == 1
    assert ends == [False] * 3
    assert numbers.all() == [1, 2, 3, 4]


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_a_member_that_fails_takes_back_only_its_own(
    numbers: _Numbers, fails: int
) -> None:
    then = {fails: _fail}
    adding = {1: numbers.add_slowly(1, then.get(1))}
    adding |= {n: numbers.add_behind(n, then.get(n)) for n in (2, 3)}

    numbers.go()

    with pytest.raises(ValueError, match="this member fails"):
        adding.pop(fails).result(20)
    for each in adding.values():
        each.result(20)
    assert numbers.all() == sorted(adding)
    assert numbers.commits == 1


def test_a_group_has_a_limit(numbers: _Numbers) -> None:
    """Other processes wait for the file until a group has ended."""
    adding = [numbers.add_slowly(0), *(numbers.add_behind(n) for n in range(1, 20))]

    numbers.go()
    for each in adding:
        each.result(20)

    assert numbers.commits == 2
    assert numbers.all() == list(range(20))


def test_a_failed_commit_is_in_doubt_for_each_member(numbers: _Numbers) -> None:
    """Here SQLite checks a foreign key only at COMMIT."""
    adding = [numbers.add_slowly(1), numbers.add_behind(_UNKNOWN)]

    numbers.go()

    for each in adding:
        with pytest.raises(exception.CommitInDoubt):
            each.result(20)
    assert sorted(numbers.undone) == [1, _UNKNOWN]
    assert numbers.all() == []
    numbers.add(3)
    assert numbers.all() == [3]


def test_if_sqlite_rolls_everything_back_the_others_are_tried_again(
    numbers: _Numbers,
) -> None:
    """SQLite may do so by itself, for example for lack of memory."""

    def roll_back(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise ValueError("this member fails")

    first = numbers.add_slowly(1)
    broken = numbers.add_behind(2, roll_back)
    last = numbers.add_behind(3)

    numbers.go()

    with pytest.raises(ValueError, match="this member fails"):
        broken.result(20)
    first.result(20)
    last.result(20)
    assert numbers.all() == [1, 3]
    assert numbers.undone == []


def test_a_member_that_cannot_begin_takes_all_back(
    numbers: _Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its savepoint, nobody knows what it would take back."""
    execute = sa.Connection.exec_driver_sql
    failed: list[str] = []

    def fail_once(connection: sa.Connection, statement: str) -> object:
        if statement == "SAVEPOINT member_3" and not failed:
            failed.append(statement)
            raise MemoryError
        return execute(connection, statement)

    monkeypatch.setattr(sa.Connection, "exec_driver_sql", fail_once)
    adding = [numbers.add_slowly(1), *(numbers.add_behind(n) for n in (2, 3, 4))]

    numbers.go()

    with pytest.raises(MemoryError):
        adding.pop(2).result(20)
    for each in adding:
        each.result(20)
    assert numbers.all() == [1, 2, 4]


def test_a_full_disk_fails_one_member(numbers: _Numbers) -> None:
    def fill(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(100000) AS b")

    first = numbers.add_slowly(1)
    full = numbers.add_behind(2, fill)
    last = numbers.add_behind(3)

    numbers.go()

    with pytest.raises(exception.DatabaseUnavailable):
        full.result(20)
    first.result(20)
    last.result(20)
    assert numbers.all() == [1, 3]


def test_the_wait_for_a_turn_has_an_end(
    numbers: _Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn is then given to the others only."""
    monkeypatch.setattr(sqlite_dialect, "WAIT", 0.1)
    first = numbers.add_slowly(1)
    late = numbers.threads.submit(numbers.add, 2)
    with pytest.raises(exception.DatabaseUnavailable):
        late.result(20)

    numbers.go()
    first.result(20)
    numbers.add(3)

    assert numbers.all() == [1, 3]


def test_a_turn_may_come_at_the_end_of_the_wait(
    numbers: _Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread uses it, or gives up.  The turn is never lost."""
    monkeypatch.setattr(sqlite_dialect, "WAIT", 2)
    first = numbers.add_slowly(1)
    late = numbers.add_behind(2)
    with numbers.groups._lock:
        numbers.go()
        # Both threads now want the lock, usually in this order.
        time.sleep(2.5)

    first.result(20)
    came = late.exception(20) is None
    numbers.add(3)
    assert numbers.all() == ([1, 2, 3] if came else [1, 3])


def test_a_file_that_cannot_be_opened_takes_nobodys_turn(
    tmp_path: pathlib.Path,
) -> None:
    groups = GroupCommit(engines.sqlite(sa.make_url(f"sqlite:///{tmp_path}")))

    for _ in range(2):
        with (
            pytest.raises(oslo_db_exception.DBError, match="unable to open"),
            contextlib.ExitStack() as stack,
        ):
            stack.enter_context(groups.transaction())

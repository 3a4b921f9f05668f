# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``db sync`` on MariaDB that is interrupted, or finds a table in use.

MariaDB commits each step by itself. On SQLite, a revision is one transaction.
"""

import contextlib
import itertools
import pathlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from minova import conf as options
from minova import exception
from minova.db import migrate
from minova.db.connection import engine as engines
from tests.functional.test_schema import MANAGE
from tests.real_mariadb import MariaDB
from tests.real_servers import wait_until

Create = Callable[[], sa.Engine]


class Stopped(BaseException):
    """Raised as if the process had been killed."""


@pytest.fixture
def create(mariadb: MariaDB, tmp_path: pathlib.Path) -> Iterator[Create]:
    """Return a function that makes empty databases, with db sync's engine for each."""
    made: list[sa.Engine] = []

    def create() -> sa.Engine:
        url = mariadb.new_database(f"interrupted_{len(made)}")
        file = tmp_path / f"interrupted_{len(made)}.conf"
        file.write_text(f"[database]\nconnection = {url}\n")
        conf = options.create("")
        conf(["--config-file", str(file)], project="minova")
        made.append(engines.create(conf, wait=3600))
        return made[-1]

    yield create
    for engine in made:
        engine.dispose()
        mariadb.sql(f"DROP DATABASE {engine.url.database}")


def stop_after(engine: sa.Engine, step: int) -> None:
    """Stop the next migration before its n-th change."""
    left = itertools.count(step, -1)

    @sa.event.listens_for(engine, "before_cursor_execute")
    def look(
        _connection: sa.Connection, _cursor: object, text: str, *_: object
    ) -> None:
        changes = not text.lstrip().startswith(("SELECT", "SHOW", "DESCRIBE"))
        if changes and next(left) == 0:
            sa.event.remove(engine, "before_cursor_execute", look)
            raise Stopped


def everything(engine: sa.Engine) -> dict[str, object]:
    """Return each table as MariaDB shows it, and the rows that migrations insert.

    Ids are left out, because even a rolled back insert uses one up.
    """
    with engine.connect() as connection:
        found: dict[str, object] = {}
        for table in sa.inspect(connection).get_table_names():
            shown = connection.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1]
            found[table] = re.sub(r" AUTO_INCREMENT=\d+", "", shown)
        for columns in (
            "flavorid, name, memory_mb, root_gb FROM flavors",
            "version_num FROM alembic_version",
        ):
            rows = connection.exec_driver_sql(f"SELECT {columns}")
            found[columns] = [tuple(row) for row in rows]
    return found


def test_stopped_before_any_step_it_continues(create: Create) -> None:
    uninterrupted = create()
    migrate.sync(uninterrupted)
    expected = everything(uninterrupted)

    for step in itertools.count():
        engine = create()
        stop_after(engine, step)
        try:
            migrate.sync(engine)
        except Stopped:
            migrate.sync(engine)
        else:
            break
        found = everything(engine)
        assert found == expected, f"stopped before change {step}"
    assert step > 40


@contextlib.contextmanager
def in_use(engine: sa.Engine) -> Iterator[None]:
    """Keep a transaction open that has read a table which 0002 alters."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM compute_nodes")
        yield


def waiting(engine: sa.Engine) -> int:
    """Count the threads that wait for a table of the database."""
    question = sa.text(
        "SELECT count(*) FROM information_schema.processlist WHERE db = :name AND "
        "state = 'Waiting for table metadata lock'"
    )
    with engine.connect() as connection:
        return connection.scalar(question, {"name": engine.url.database}) or 0


def db_sync(
    engine: sa.Engine, folder: pathlib.Path, behind: int = 0
) -> subprocess.Popen[str]:
    """Start db sync, and wait until it waits for a table."""
    process = subprocess.Popen(
        [MANAGE, "--config-file", folder / f"{engine.url.database}.conf", "db", "sync"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: waiting(engine) == behind + 1, 20, "it waits")
    return process


def test_a_table_in_use_is_waited_for(create: Create, tmp_path: pathlib.Path) -> None:
    """It waits longer than for one lock, but with breaks, to let others pass."""
    engine = create()
    migrate.sync(engine, "0001")
    with in_use(engine):
        process = db_sync(engine, tmp_path)
        time.sleep(engines.LOCK_WAIT + 1)
        assert process.poll() is None

    output, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (0, "")
    assert output.startswith("database: 0001 -> ")


def test_a_table_that_stays_in_use_is_named(create: Create) -> None:
    engine = create()
    migrate.sync(engine, "0001")
    with in_use(engine), pytest.raises(exception.TableInUse) as refused:
        migrate.sync(engine, free_within=1)

    assert str(refused.value) == (
        "Other transactions kept a table in use for 1 seconds (ALTER TABLE "
        "compute_nodes ADD COLUMN host_ip VARCHAR(39)). End those that stay open and "
        "run this command again. It continues where it stopped."
    )
    migrate.sync(engine)


def test_steps_of_a_killed_db_sync_are_no_error(
    create: Create, tmp_path: pathlib.Path
) -> None:
    """MariaDB does not notice a lost client while it alters a table."""
    engine = create()
    migrate.sync(engine, "0001")

    def go_on() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET lock_wait_timeout = 60")
            connection.exec_driver_sql(
                "ALTER TABLE compute_nodes ADD COLUMN host_ip VARCHAR(39)"
            )

    with ThreadPoolExecutor(1) as pool:
        with in_use(engine):
            begun = pool.submit(go_on)
            wait_until(lambda: waiting(engine) == 1, 20, "it waits")
            process = db_sync(engine, tmp_path, behind=1)
        begun.result()

    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert output.startswith("database: 0001 -> ")

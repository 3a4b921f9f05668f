# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The database: whether it answers, takes writes, and has the tables it should have."""

import dataclasses
import datetime
import pathlib
import sqlite3
import time
from collections.abc import Iterator
from typing import Final

from oslo_config import cfg

from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine as engines
from minova.db.connection import health, sqlite_dialect
from minova.db.instances.claimed import AgedClaim, Claimed
from minova.doctor import bounded
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Said, Seen, finding
from minova.doctor.looks import processes
from minova.objects.host import Service
from minova.objects.instance import Instance

LOCKED_FOR: Final = 2.0
"""Seconds. A normal writer holds SQLite's lock for some milliseconds."""
SLOW: Final = 0.5  # seconds for one row
BACK_WITHIN: Final = 2
"""Seconds. See the times in docs/operating.md, "When the database is away"."""
APART: Final = 5.0  # seconds between two clocks


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """The rows that the looks need.

    Attributes:
        here: the servers of the configuration's host.
        now: the database's clock, in UTC.
    """

    services: list[Service]
    claims: list[AgedClaim]
    here: list[Instance]
    now: datetime.datetime


@dataclasses.dataclass(slots=True)
class Looked:
    """The result of one look at a database.

    Attributes:
        opened, rows: None unless the database answers and has the right tables.
    """

    said: list[Said]
    opened: "Opened | None" = None
    rows: Rows | None = None


def look(deployment: Deployment) -> Looked:
    """Open the deployment's database, look at it, and read its rows."""
    if (why_not := _cannot_open(deployment)) is not None:
        return Looked([why_not])
    found = Looked([])
    try:
        opened = Opened(deployment.conf)
        found.said = list(opened.look(deployment.file))
        found.rows = opened.rows()
        found.opened = opened
    except cfg.Error as error:
        found.said.append(deployment.wrong(error))
    except Exception as error:  # also of the library: the file may be no database
        # Old tables also raise, but they were reported already.
        if not found.said:
            found.said.append(refused(error, deployment))
    return found


class Opened:
    """A database that answers."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._engine = engines.create(conf, wait=int(bounded.LIMIT) - 1)
        self.questions = Database(self._engine)
        self._health = health.Health(self._engine)
        self._claimed = Claimed(self._engine)

    def look(self, file: pathlib.Path) -> Iterator[Said]:
        """Check the tables, the speed, the clock, and whether writes work."""
        self._health.now()  # connects anew if the server closed an older connection
        revision = migrate.current(self._engine)
        newest = migrate.newest()
        if revision is None:
            yield finding("schema-missing", file=file)
            return
        if revision != newest:
            known = migrate.is_known(revision)
            name = "schema-behind" if known else "schema-ahead"
            yield finding(name, file=file, revision=revision, newest=newest)
        began = time.monotonic()
        now = self._health.now()
        seconds = time.monotonic() - began
        if seconds > SLOW:
            yield finding("database-slow", seconds=f"{seconds:.1f}")
        yield from _clock(now)
        yield from self._writes()
        took = f"answers in {seconds * 1000:.0f} ms"
        yield Seen("database", f"{took}, tables at revision {revision}")

    def rows(self) -> Rows:
        """Read the rows that other looks need.

        Raises:
            DatabaseUnavailable: the tables are missing or of another version.
        """
        return Rows(
            self.questions.service_list(self._conf.service_down_time),
            self._claimed.claims(),
            self.questions.instances_on(self._conf.host),
            self._health.now(),
        )

    def _writes(self) -> Iterator[Finding | NotLooked]:
        if self._health.is_read_only():
            yield finding("database-read-only")
        path = health.sqlite_file(self._engine)
        if path is not None:
            yield from _written(path)
            return
        holders = self._health.long_transactions()
        if holders is None:
            yield NotLooked(
                "transactions that hold rows",
                "the database shows minova's user only its own transactions",
                "In the database, as root: GRANT PROCESS ON *.* TO minova",
            )
        for holder in holders or ():
            yield _locked(f"Connection {holder}", engines.LOCK_WAIT, f"KILL {holder}")


def _cannot_open(deployment: Deployment) -> Finding | NotLooked | None:
    """Check an SQLite file first: SQLAlchemy would create a missing one."""
    url = deployment.conf.database.connection
    path = pathlib.Path(url.partition(":///")[2].partition("?")[0])
    if not url.startswith("sqlite:///") or not path.name:
        return None
    try:
        path.open("rb").close()
    except FileNotFoundError:
        return finding("database-missing", path=path, file=deployment.file)
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}"
        return NotLooked("database", why, "sudo minova doctor")
    return None


def refused(error: Exception, deployment: Deployment) -> Finding:
    """Find the kind of outage by the library's error message."""
    why = str(error.__cause__ or error).partition("\n")[0]
    why = why.partition("(Background")[0].strip().rstrip(".")
    start, restart = deployment.start("MariaDB"), deployment.restart("MariaDB")
    if any(text in why for text in ("(1040, ", "(1044, ", "(1045, ", "(1049, ")):
        return finding(
            "database-refuses", why=why, seconds=BACK_WITHIN, file=deployment.file
        )
    # (110) is how MariaDB's C library says that connecting timed out.
    if any(text in why for text in ("timed out", "(110)", "(2013, ")):
        return silent(deployment, restart)
    return finding("database-away", why=why, seconds=BACK_WITHIN, start=start)


def silent(deployment: Deployment, restart: str = "") -> Finding:
    restart = restart or deployment.restart("MariaDB")
    return finding(
        "database-silent",
        limit=f"{bounded.LIMIT:g}",
        seconds=BACK_WITHIN,
        restart=restart,
    )


def _written(path: pathlib.Path) -> Iterator[Finding | NotLooked]:
    try:
        if not health.is_locked(path, LOCKED_FOR):
            return
    except sqlite3.OperationalError as error:
        why = f"{path}: {error}"
        yield NotLooked("SQLite's lock", why, "sudo minova doctor")
        return
    pid = processes.sqlite_writer(path)
    holder = "Another process" if pid is None else processes.described(pid)
    end = f"sudo kill {pid}" if pid else f"sudo fuser -v {path}"
    yield _locked(holder, LOCKED_FOR, end, sqlite_dialect.WAIT)


def _locked(
    holder: str, limit: float, end: str, patience: float = engines.LOCK_WAIT
) -> Finding:
    return finding(
        "database-locked",
        holder=holder,
        limit=f"{limit:g}",
        patience=f"{patience:g}",
        end=end,
    )


def _clock(now: datetime.datetime) -> Iterator[Finding]:
    here = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    apart = abs((here - now).total_seconds())
    if apart > APART:
        yield finding("clock-differs", seconds=f"{apart:.0f}")

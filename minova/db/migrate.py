# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migration of a database to the newest schema.

``sync`` and ``current`` raise ``DatabaseUnavailable`` if the database is away.
"""

import contextlib
import pathlib
import time
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from alembic import command, config, script
from oslo_db import exception as oslo_db_exception

from minova import exception, lock_file
from minova.db.connection import engine as engines
from minova.db.connection.outage import is_away, is_broken

_ALONE_WITHIN: Final = 300
"""Seconds to wait for another migration of the same database to end."""

_FREE_WITHIN: Final = 60
"""Seconds to wait for a table that other transactions hold."""

_TRY_AGAIN: Final = 1.0
"""Seconds between two tries, in which waiting transactions get the table."""

_IN_USE: Final = (
    "(1205, ",  # lock wait timeout
    "(1213, ",  # deadlock
    "database is locked",
    # A migration was killed, but the server still completes its statement.
    "(1050, ",  # table exists
    "(1060, ",  # column exists
    "(1061, ",  # index exists
)


def alembic_config(engine: sa.Engine) -> config.Config:
    """Alembic's configuration, without an alembic.ini that must be installed."""
    settings = _settings()
    settings.attributes["engine"] = engine
    return settings


def _settings() -> config.Config:
    here = pathlib.Path(__file__).parent / "migrations"
    settings = config.Config()
    settings.set_main_option("script_location", str(here))
    return settings


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (oslo_db_exception.DBError, sa.exc.DBAPIError) as error:
        if not is_away(error) or is_broken(error):
            raise
        raise exception.DatabaseUnavailable from error


@_reachable()
def sync(
    engine: sa.Engine,
    revision: str = "head",
    *,
    free_within: float = _FREE_WITHIN,
    alone_within: float = _ALONE_WITHIN,
) -> None:
    """Apply all missing revisions, in order.

    If two migrations run at once, the second waits for the first and then finds nothing
    missing.  An interrupted migration continues when it is run again.

    Args:
        free_within: seconds to wait for a table that other transactions hold.
        alone_within: seconds to wait for another migration to end.

    Raises:
        OtherMigration: the other migration did not end.
        SchemaTooNew: a later version of minova made the database.  Nothing was changed.
        TableInUse: the table never became free.
    """
    with _alone(engine, alone_within):
        settings = alembic_config(engine)
        found = _revision(engine)
        known = {step.revision for step in _steps(settings)}
        if found is not None and found not in known:
            raise exception.SchemaTooNew(found)
        _upgrade(settings, revision, free_within)


def _upgrade(settings: config.Config, revision: str, free_within: float) -> None:
    """Try until the tables are free.

    Each try is as short as any wait for a lock.  While an ALTER waits, all later
    statements on the table wait too.  One long try would be an outage for daemons.
    """
    deadline = time.monotonic() + free_within
    while True:
        try:
            command.upgrade(settings, revision)
        except (oslo_db_exception.DBError, sa.exc.DBAPIError) as error:
            if not any(text in str(error) for text in _IN_USE):
                raise
            if time.monotonic() > deadline:
                raise exception.TableInUse(free_within, _statement(error)) from None
            time.sleep(_TRY_AGAIN)
        else:
            return


def _statement(error: BaseException) -> str:
    """The statement that failed, in one line."""
    while error.__cause__ and not isinstance(error, sa.exc.DBAPIError):
        error = error.__cause__
    statement = getattr(error, "statement", None) or str(error)
    return " ".join(statement.split())[:100]


@_reachable()
def current(engine: sa.Engine) -> str | None:
    """The revision of the database; None if it is empty."""
    return _revision(engine)


def newest() -> str:
    """The newest revision of this version of minova."""
    directory = script.ScriptDirectory.from_config(_settings())
    return str(directory.get_current_head())


def is_known(revision: str) -> bool:
    """Whether this version of minova, or an earlier one, has this revision."""
    return revision in {step.revision for step in _steps(_settings())}


def _revision(engine: sa.Engine) -> str | None:
    from alembic.runtime import migration  # noqa: PLC0415 - slow, rarely needed

    with engines.to_read(engine) as connection:
        context = migration.MigrationContext.configure(connection)
        return context.get_current_revision()


def _steps(settings: config.Config) -> Iterator[script.Script]:
    return script.ScriptDirectory.from_config(settings).walk_revisions()


@contextlib.contextmanager
def _alone(engine: sa.Engine, within: float) -> Iterator[None]:
    """Make a second migration of the same database wait.

    If this process dies, the server or the kernel releases the lock.
    """
    if engine.dialect.name == "sqlite":
        path = engine.url.database
        if path in (None, "", ":memory:"):
            yield
            return
        with open(lock_file.open_file(pathlib.Path(f"{path}-sync")), "rb") as file:
            if not lock_file.lock(file.fileno(), within):
                raise exception.OtherMigration(f"{path}-sync", within)
            yield
        return
    with engine.connect() as connection:
        # Closed at the end: the pool must not reuse a connection with this lock.
        connection.detach()
        name = f"minova db sync {engine.url.database}"[:64]
        waited = sa.text("SELECT GET_LOCK(:name, :seconds)")
        if connection.scalar(waited, {"name": name, "seconds": within}) != 1:
            raise exception.OtherMigration(name, within)
        yield

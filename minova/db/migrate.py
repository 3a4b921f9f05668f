# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Bring a database to the newest schema; both raise ``DatabaseUnavailable``."""

import contextlib
import pathlib
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import command, config
from oslo_db import exception as oslo_db_exception

from minova import exception


def alembic_config(engine: sa.Engine) -> config.Config:
    """What Alembic needs to know, without an alembic.ini to install beside it."""
    here = pathlib.Path(__file__).parent / "migrations"
    settings = config.Config()
    settings.set_main_option("script_location", str(here))
    settings.attributes["engine"] = engine
    return settings


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except oslo_db_exception.DBConnectionError as error:
        raise exception.DatabaseUnavailable from error


@_reachable()
def sync(engine: sa.Engine, revision: str = "head") -> None:
    """Apply what is missing, in order; nothing when nothing is."""
    command.upgrade(alembic_config(engine), revision)


@_reachable()
def current(engine: sa.Engine) -> str | None:
    """The revision the database is at, or None when it is empty."""
    from alembic.runtime import migration  # noqa: PLC0415 - slow, and rarely asked

    with engine.connect() as connection:
        context = migration.MigrationContext.configure(connection)
        return context.get_current_revision()

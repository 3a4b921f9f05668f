# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The models and the migrations agree."""

import pathlib

import sqlalchemy as sa
from alembic import command

from minova.db import engine, migrate


def test_no_migration_is_missing(migrated: pathlib.Path) -> None:
    command.check(
        migrate.alembic_config(engine.sqlite(sa.make_url(f"sqlite:///{migrated}")))
    )

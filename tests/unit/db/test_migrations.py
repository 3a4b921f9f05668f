# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables and the migrations agree. Only one migration runs at a time."""

import pathlib
import stat

import pytest
import sqlalchemy as sa
from alembic import command

from minova import exception, lock_file
from minova.db import migrate
from minova.db.connection import engine


def test_no_migration_is_missing(migrated: pathlib.Path) -> None:
    command.check(
        migrate.alembic_config(engine.sqlite(sa.make_url(f"sqlite:///{migrated}")))
    )


def test_another_migration_is_not_waited_for_forever(tmp_path: pathlib.Path) -> None:
    database = engine.sqlite(sa.make_url(f"sqlite:///{tmp_path}/minova.sqlite"))
    path = tmp_path / "minova.sqlite-sync"
    with open(lock_file.open_file(path), "rb") as file:
        assert lock_file.lock(file.fileno(), 0)
        with pytest.raises(exception.OtherMigration) as refused:
            migrate.sync(database, alone_within=0.1)

    assert str(refused.value) == (
        f"Another migration has held the lock {path} for more than 0.1 seconds."
    )
    migrate.sync(database)
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO == 0

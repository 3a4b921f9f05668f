# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An unreadable SQLite file counts as an outage, not as a bug in minova."""

import pathlib

import pytest
import sqlalchemy as sa

from minova import exception
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine as engines


def test_a_file_that_is_not_a_database(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "minova.sqlite"
    path.write_text("This is a text. " * 500)
    db = Database(engines.sqlite(sa.make_url(f"sqlite:///{path}")))

    with pytest.raises(exception.DatabaseUnavailable):
        db.instance_get("0d7679e2-ba3f-4e0f-871c-001feb24cee1")


def test_a_database_with_broken_pages(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "minova.sqlite"
    engine = engines.sqlite(sa.make_url(f"sqlite:///{path}"))
    migrate.sync(engine)
    engine.dispose()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    db = Database(engines.sqlite(sa.make_url(f"sqlite:///{path}")))

    with pytest.raises(exception.DatabaseUnavailable):
        db.instance_get("0d7679e2-ba3f-4e0f-871c-001feb24cee1")

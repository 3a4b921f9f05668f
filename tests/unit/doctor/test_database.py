# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Databases that are missing, empty, of another version or slow; and --fix."""

import pathlib

import pytest

from minova.db import migrate
from minova.db.connection import engine
from minova.doctor import deployment
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding
from minova.doctor.looks import database


@pytest.fixture
def deployed(tmp_path: pathlib.Path) -> Deployment:
    file = tmp_path / "minova.conf"
    file.write_text(
        f"[DEFAULT]\nhost = host-1\nstate_path = {tmp_path}\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/minova.sqlite\n"
    )
    read = deployment.read(file)
    assert isinstance(read, Deployment)
    return read


def _kinds(deployed: Deployment) -> list[str]:
    said = database.look(deployed).said
    return [each.kind.name for each in said if isinstance(each, Finding)]


def _migrate(deployed: Deployment, revision: str = "head") -> None:
    migrate.sync(engine.create(deployed.conf), revision)


def test_a_missing_file_is_not_created(deployed: Deployment) -> None:
    assert _kinds(deployed) == ["database-missing"]
    assert [each.name for each in deployed.file.parent.iterdir()] == ["minova.conf"]


def test_a_healthy_database(deployed: Deployment) -> None:
    _migrate(deployed)
    before = (deployed.file.parent / "minova.sqlite").read_bytes()

    looked = database.look(deployed)

    assert _kinds(deployed) == []
    assert looked.rows is not None
    assert looked.rows.services == []
    assert (deployed.file.parent / "minova.sqlite").read_bytes() == before


def test_without_tables(deployed: Deployment) -> None:
    (deployed.file.parent / "minova.sqlite").touch()

    assert _kinds(deployed) == ["schema-missing"]


def test_an_older_version(deployed: Deployment) -> None:
    _migrate(deployed, "0004")

    assert _kinds(deployed) == ["schema-behind"]
    assert database.look(deployed).rows is None


def test_a_later_version(deployed: Deployment) -> None:
    _migrate(deployed)
    with engine.create(deployed.conf).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    # A later version only adds columns, so the rows can be read.
    assert _kinds(deployed) == ["schema-ahead"]
    assert database.look(deployed).rows is not None


def test_a_slow_database_with_another_time(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    _migrate(deployed)
    monkeypatch.setattr(database, "SLOW", 0)
    monkeypatch.setattr(database, "APART", -1)

    assert _kinds(deployed) == ["database-slow", "clock-differs"]


def test_a_file_that_is_not_a_database(deployed: Deployment) -> None:
    (deployed.file.parent / "minova.sqlite").write_bytes(b"no database" * 100)

    (said,) = database.look(deployed).said

    assert isinstance(said, Finding)
    assert said.kind.name == "database-away"
    assert "file is not a database" in said.what


def test_an_unusable_connection(deployed: Deployment) -> None:
    deployed.conf.set_override("connection", "nonsense", "database")

    (said,) = database.look(deployed).said

    assert isinstance(said, Finding)
    assert said.kind.name == "options-wrong"
    assert "[database] connection cannot be used" in said.what

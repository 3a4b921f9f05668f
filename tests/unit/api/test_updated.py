# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which requests count as an update of a server, for ``changes-since``."""

import dataclasses
import datetime
import json
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import NewServer

LONG_AGO = datetime.datetime(2001, 1, 1)


@dataclasses.dataclass(frozen=True)
class Write:
    """A request below ``/servers/{id}``."""

    method: str
    path: str = ""
    body: Any = None
    by_admin: bool = False


def _act(body: Any, *, by_admin: bool = False) -> Write:
    return Write("POST", "/action", body, by_admin)


# Nova saves the server, even with unchanged values.
MOVES = (
    Write("PUT", body={"server": {"name": "one"}}),
    Write("PUT", body={"server": {"description": None}}),
    Write("PUT", body={"server": {"name": "a", "pinned_availability_zone": None}}),
    Write("POST", "/metadata", {"metadata": {}}),
    Write("POST", "/metadata", {"metadata": {"a": "1"}}),
    Write("PUT", "/metadata", {"metadata": {"b": "2"}}),
    Write("PUT", "/metadata/a", {"meta": {"a": "1"}}),
    _act({"lock": None}),
    _act({"lock": None}, by_admin=True),
    _act({"unlock": None}),
    _act({"os-resetState": {"state": "active"}}, by_admin=True),
)
# Nova writes elsewhere, or nothing.
STAYS = (
    Write("GET"),
    Write("PUT", body={"server": {}}),
    Write("PUT", body={"server": {"pinned_availability_zone": "nova"}}),
    Write("PUT", body={"server": {"pinned_availability_zone": None}}),
    Write("DELETE", "/metadata/a"),
    Write("PUT", "/tags", {"tags": ["red", "blue"]}),
    Write("PUT", "/tags/green"),
    Write("PUT", "/tags/red"),
    Write("DELETE", "/tags/red"),
    Write("DELETE", "/tags"),
    _act({"injectNetworkInfo": None}, by_admin=True),
)


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _write(client: testing.TestClient, server_id: str, write: Write) -> None:
    environ = testing.create_environ(
        f"/v2.1/servers/{server_id}{write.path}",
        method=write.method,
        headers={"OpenStack-API-Version": "compute latest"},
        body="" if write.body is None else json.dumps(write.body),
    )
    environ[CONTEXT] = caller(admin=write.by_admin)
    # Not by ``simulate_request``, which allows no Content-Type in a 204. Nova sends
    # one.
    answer = testing.StartResponseMock()
    body = b"".join(client.app(environ, answer))
    assert str(answer.status).startswith("2"), body


def _is_updated_by(
    write: Write, db: Database, sql: sa.Engine, client: testing.TestClient, uuid: str
) -> bool:
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(sa.update(instances).values(updated_at=LONG_AGO))
    _write(client, uuid, write)
    now = db.instance_get(uuid)
    assert now is not None
    return now.updated_at != LONG_AGO


@pytest.mark.parametrize(
    ("write", "updated"),
    [(write, True) for write in MOVES] + [(write, False) for write in STAYS],
    ids=str,
)
def test_exactly_what_nova_saves_is_an_update(
    db: Database,
    sql: sa.Engine,
    client: testing.TestClient,
    new_server: NewServer,
    write: Write,
    updated: bool,
) -> None:
    server = new_server()
    _write(client, server.uuid, Write("PUT", "/tags", {"tags": ["red"]}))
    _write(client, server.uuid, Write("PUT", "/metadata", {"metadata": {"a": "1"}}))

    assert _is_updated_by(write, db, sql, client, server.uuid) is updated


def test_a_second_lock_by_the_owner_writes_nothing(
    db: Database, sql: sa.Engine, client: testing.TestClient, new_server: NewServer
) -> None:
    server = new_server()
    lock = _act({"lock": None})

    assert _is_updated_by(lock, db, sql, client, server.uuid)
    assert not _is_updated_by(lock, db, sql, client, server.uuid)

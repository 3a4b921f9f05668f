# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A list needs the same number of queries for one server as for many."""

import dataclasses
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.vocabulary.vm_states import VMState
from tests.unit.api.conftest import client_of
from tests.unit.conftest import context, new_instance

ADMIN = RequestContext(
    user_id="demo", project_id="demo", roles=["admin", "member"], is_admin=True
)


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _make(db: Database, sql: sa.Engine, count: int) -> None:
    """Create servers with tags, every second one in ERROR with a fault."""
    for number in range(count):
        new = dataclasses.replace(new_instance(f"s{number}"), tags=("blue", "red"))
        db.instance_create(context(), new, schedule.rank, 60)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(instances)
            .where(instances.c.id % 2 == 0)
            .values(vm_state=VMState.ERROR)
        )


def _questions(sql: sa.Engine, client: testing.TestClient) -> int:
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *others: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    sa.event.listen(sql, "before_cursor_execute", note)
    try:
        answer = client.simulate_get(
            "/v2.1/servers/detail",
            headers={"OpenStack-API-Version": "compute latest"},
            extras={CONTEXT: ADMIN},
        )
    finally:
        sa.event.remove(sql, "before_cursor_execute", note)
    assert all(server["tags"] == ["blue", "red"] for server in answer.json["servers"])
    assert all(server["host_status"] == "UP" for server in answer.json["servers"])
    return len(asked)


def test_a_list_needs_no_more_queries_for_more_servers(
    db: Database, sql: sa.Engine, client: testing.TestClient
) -> None:
    _make(db, sql, 2)
    for_two = _questions(sql, client)
    _make(db, sql, 28)

    assert _questions(sql, client) == for_two
    # The servers, their faults, their tags, the services.
    assert for_two == 4

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How many queries a list and a show need."""

import dataclasses
import pathlib
import uuid
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
from minova.objects.server_group import ServerGroup
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


def _ask(
    sql: sa.Engine, client: testing.TestClient, path: str
) -> tuple[dict[str, Any], int]:
    """Return the answer, and the number of statements that it took."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *others: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    sa.event.listen(sql, "before_cursor_execute", note)
    try:
        answer = client.simulate_get(
            f"/v2.1/servers/{path}",
            headers={"OpenStack-API-Version": "compute latest"},
            extras={CONTEXT: ADMIN},
        )
    finally:
        sa.event.remove(sql, "before_cursor_execute", note)
    document: dict[str, Any] = answer.json
    return document, len(asked)


def _questions(sql: sa.Engine, client: testing.TestClient) -> int:
    document, asked = _ask(sql, client, "detail")
    assert all(server["tags"] == ["blue", "red"] for server in document["servers"])
    assert all(server["host_status"] == "UP" for server in document["servers"])
    return asked


def test_a_list_needs_no_more_queries_for_more_servers(
    db: Database, sql: sa.Engine, client: testing.TestClient
) -> None:
    _make(db, sql, 2)
    for_two = _questions(sql, client)
    _make(db, sql, 28)

    assert _questions(sql, client) == for_two
    # The servers, their faults, their tags, the services.
    assert for_two == 4


def test_one_server_needs_one_query_for_its_tags_and_its_group(
    db: Database, sql: sa.Engine, client: testing.TestClient
) -> None:
    group_uuid = str(uuid.uuid4())
    group = ServerGroup(
        uuid=group_uuid,
        name="one",
        project_id="demo",
        user_id="demo",
        policy="affinity",
        rules={},
    )
    db.server_group_create(group, 1, 1)
    new = dataclasses.replace(
        new_instance(), tags=("blue", "red"), group_uuid=group_uuid
    )
    server = db.instance_create(context(), new, schedule.rank, 60)

    document, asked = _ask(sql, client, server.uuid)

    assert document["server"]["tags"] == ["blue", "red"]
    assert document["server"]["server_groups"] == [group_uuid]
    # The server, the service of its host, and its tags with its group.
    assert asked == 3

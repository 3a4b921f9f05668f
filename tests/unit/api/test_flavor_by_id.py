# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A flavor in a query must exist, and the caller must be allowed to use it."""

import dataclasses
import pathlib

import pytest
import sqlalchemy as sa
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import flavors, instances
from minova.images import ImageDirectory
from minova.objects.flavor import Flavor
from tests.unit.api.conftest import client_of
from tests.unit.conftest import context, new_instance

OWN = Flavor(flavorid="own", name="own", memory_mb=1, vcpus=1, root_gb=1)
USER = RequestContext(user_id="demo", project_id="demo", roles=["member", "reader"])
ADMIN = RequestContext(
    user_id="root", project_id="demo", roles=["admin", "member"], is_admin=True
)


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _make(db: Database, flavor: Flavor) -> None:
    db.instance_create(context(), new_instance(flavor=flavor), schedule.rank, 60)


def _found(
    client: testing.TestClient, query: str, caller: RequestContext = USER
) -> int:
    answer = client.simulate_get(
        "/v2.1/servers", query_string=query, extras={CONTEXT: caller}
    )
    assert answer.status_code == 200, answer.text
    return len(answer.json["servers"])


def test_servers_are_found_by_their_flavor(
    db: Database, client: testing.TestClient
) -> None:
    db.flavor_create(OWN)
    _make(db, OWN)
    _make(db, new_instance().flavor)

    assert _found(client, "flavor=own") == 1
    assert _found(client, "flavor=42") == 1
    assert _found(client, "flavor=own&flavor=42") == 2


@pytest.mark.parametrize("caller", [USER, ADMIN])
def test_a_flavor_made_again_is_another(
    db: Database, client: testing.TestClient, caller: RequestContext
) -> None:
    db.flavor_create(OWN)
    _make(db, OWN)

    db.flavor_delete(OWN.flavorid)
    assert _found(client, "flavor=own", caller) == 0

    db.flavor_create(OWN)
    assert _found(client, "flavor=own", caller) == 0
    _make(db, OWN)
    assert _found(client, "flavor=own", caller) == 1


def test_only_its_users_find_servers_by_a_private_flavor(
    db: Database, client: testing.TestClient
) -> None:
    private = dataclasses.replace(OWN, is_public=False)
    db.flavor_create(private)
    _make(db, private)

    assert _found(client, "flavor=own") == 0
    assert _found(client, "flavor=own", ADMIN) == 1
    assert _found(client, "flavor=own&all_tenants=1", ADMIN) == 1
    db.flavor_access_add("own", "demo")
    assert _found(client, "flavor=own") == 1
    db.flavor_access_remove("own", "demo")
    assert _found(client, "flavor=own") == 0


def test_servers_from_before_flavor_uuids_are_found_by_the_id(
    db: Database, sql: sa.Engine, client: testing.TestClient
) -> None:
    db.flavor_create(OWN)
    _make(db, OWN)
    for table, column in ((flavors, "uuid"), (instances, "flavor_uuid")):
        with engine.to_write(sql) as connection, connection.begin():
            connection.execute(sa.update(table).values({column: None}))
    assert _found(client, "flavor=own") == 1

    db.flavor_delete(OWN.flavorid)
    db.flavor_create(OWN)
    assert _found(client, "flavor=own") == 0


def test_a_page_of_flavors_needs_a_marker_that_the_caller_may_use(
    db: Database, client: testing.TestClient
) -> None:
    db.flavor_create(dataclasses.replace(OWN, is_public=False))

    def behind_it(caller: RequestContext) -> testing.Result:
        return client.simulate_get(
            "/v2.1/flavors", query_string="marker=own", extras={CONTEXT: caller}
        )

    refused = behind_it(USER)
    assert refused.status_code == 400
    assert refused.json["badRequest"]["message"] == "marker [own] not found"
    assert behind_it(ADMIN).status_code == 200
    db.flavor_access_add("own", "demo")
    assert behind_it(USER).status_code == 200

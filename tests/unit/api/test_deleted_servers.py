# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Deleted servers in a list, at each version, for owner and admin.

Nova's ``instance_destroy`` also deletes metadata, faults, tags and network information.
Everything else about the server stays.
"""

import dataclasses
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa
from falcon import testing

from minova.api.front import version_range
from minova.api.front.request import CONTEXT
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.objects.action_record import Failure
from minova.vocabulary.instance_actions import CREATE, DELETE, Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import HOST, context, new_instance

VERSIONS = [
    f"2.{minor}"
    for minor in range(version_range.MIN_VERSION[1], version_range.MAX_VERSION[1] + 1)
]
SINCE = "changes-since=2001-01-01T00:00:00Z"
# Properties that a delete removes or changes.
GONE = {
    "addresses": {},
    "metadata": {},
    "tags": [],
    "host_status": "",
    "status": "DELETED",
    "OS-EXT-STS:vm_state": "deleted",
    "OS-EXT-STS:power_state": 0,
}
# A time that changes, and two keys that disappear.
OTHERS = {"updated", "OS-SRV-USG:terminated_at", "fault", "progress"}


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _begin(db: Database, uuid: str, by: RequestContext, action: Action) -> str:
    request_id = str(by.request_id)
    assert db.instance_start(uuid, request_id, [action], HOST)
    return request_id


def _make(db: Database) -> str:
    """Create a server with all properties. Its delete failed, which left a fault."""
    new = dataclasses.replace(
        new_instance(),
        metadata={"a": "1"},
        tags=("red",),
        key_name="key",
        user_data="dXNlcg==",
        display_description="described",
        image_properties={"hw_disk_bus": "virtio", "kernel_id": "k"},
        scheduler_hints={"same_host": "x"},
        trusted_certs=["t"],
        pinned_availability_zone="nova",
        access_ip_v4="192.0.2.7",
    )
    asked_by = context()
    db.instance_create(asked_by, new, schedule.rank, 60)
    request_id = _begin(db, new.uuid, asked_by, CREATE)
    db.instance_prepare(new.uuid, force_config_drive=True)
    db.instance_finish(new.uuid, request_id, CREATE, PowerState.RUNNING)
    db.instance_lock(context(), new.uuid, "owner", "mine", HOST)
    _fail_to_delete(db, new.uuid)
    return new.uuid


def _fail_to_delete(db: Database, uuid: str) -> None:
    asked_by = context()
    assert db.instance_claim(asked_by, uuid, DELETE)
    request_id = _begin(db, uuid, asked_by, DELETE)
    failure = Failure(fault="it broke", details="it broke", traceback="at line 1")
    assert db.instance_fail(uuid, request_id, DELETE, failure, HOST)


def _delete(db: Database, uuid: str) -> str:
    asked_by = context()
    assert db.instance_claim(asked_by, uuid, DELETE)
    request_id = _begin(db, uuid, asked_by, DELETE)
    assert db.instance_finish(uuid, request_id, DELETE, PowerState.NOSTATE)
    return request_id


def _ask(client: testing.TestClient, path: str, *, admin: bool, version: str) -> Any:
    answer = client.simulate_get(
        f"/v2.1/servers{path}",
        headers={"OpenStack-API-Version": f"compute {version}"},
        extras={CONTEXT: caller(admin=admin)},
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def _listed(
    client: testing.TestClient,
    query: str,
    *,
    admin: bool = True,
    version: str = "2.104",
) -> list[dict[str, Any]]:
    answer = _ask(client, f"/detail?{query}", admin=admin, version=version)
    servers: list[dict[str, Any]] = answer["servers"]
    return servers


def _asked(client: testing.TestClient) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the only server, as each list with deleted servers has it."""
    shown = {}
    for version in VERSIONS:
        for who in ("owner", "admin"):
            (shown[who, version],) = _listed(
                client, SINCE, admin=who == "admin", version=version
            )
    return shown


def test_all_other_properties_stay(db: Database, client: testing.TestClient) -> None:
    uuid = _make(db)
    living = _asked(client)
    assert living["admin", "2.104"]["addresses"]
    assert living["owner", "2.1"]["fault"]["message"] == "it broke"

    _delete(db, uuid)

    for key, deleted in _asked(client).items():
        expected = living[key] | {k: v for k, v in GONE.items() if k in living[key]}
        for name in OTHERS:
            expected.pop(name, None)
        assert {k: v for k, v in deleted.items() if k not in OTHERS} == expected, key
        assert "fault" not in deleted
        assert "progress" not in deleted
        assert deleted["OS-SRV-USG:terminated_at"] is not None
    for version in VERSIONS:
        assert _listed(client, "deleted=true", version=version) == _listed(
            client, SINCE, version=version
        )


def test_a_server_that_never_had_a_host(
    db: Database, client: testing.TestClient
) -> None:
    new = dataclasses.replace(new_instance(), tags=("red",), metadata={"a": "1"})
    db.instance_bury(context(), new, Failure(fault="none", details="none"), HOST)
    (living,) = _listed(client, "", admin=False)
    assert living["fault"]["message"] == "none"

    assert db.instance_delete_unplaced(context(), new.uuid)

    (deleted,) = _listed(client, SINCE, admin=False)
    assert "fault" not in deleted
    assert (deleted["metadata"], deleted["tags"]) == ({}, [])


def test_a_living_server_has_its_host_status(
    db: Database, client: testing.TestClient
) -> None:
    _delete(db, _make(db))
    _make(db)

    statuses = [one["host_status"] for one in _listed(client, SINCE)]

    assert statuses == ["UP", ""]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ip=10[.]", False),
        ("ip=.", False),
        ("ip6=.", False),
        ("tags=red", False),
        ("tags-any=red", False),
        ("not-tags=red", True),
        ("not-tags-any=red", True),
        ("access_ip_v4=192", True),
        ("key_name=key", True),
        ("locked=true", True),
        ("host=host-1", True),
        ("status=ERROR", False),
    ],
)
def test_it_is_found_by_its_remaining_properties(
    db: Database, client: testing.TestClient, query: str, found: bool
) -> None:
    uuid = _make(db)
    if not query.startswith(("not-", "ip6")):
        assert _listed(client, f"{SINCE}&{query}")

    _delete(db, uuid)

    assert bool(_listed(client, f"{SINCE}&{query}")) is found


def test_its_records_stay(db: Database, client: testing.TestClient) -> None:
    uuid = _make(db)
    path = f"/{uuid}/os-instance-actions"

    def shown(*, admin: bool) -> list[dict[str, Any]]:
        listed = _ask(client, path, admin=admin, version="2.84")["instanceActions"]
        return [
            _ask(client, f"{path}/{one['request_id']}", admin=admin, version="2.84")[
                "instanceAction"
            ]
            for one in listed
        ]

    living = {admin: shown(admin=admin) for admin in (False, True)}
    failed = living[True][0]["events"][0]
    assert (failed["host"], failed["traceback"]) == (HOST, "at line 1")

    request_id = _delete(db, uuid)

    for admin in (False, True):
        newest, *former = shown(admin=admin)
        assert newest["request_id"] == request_id
        assert former == living[admin]


def test_remains_of_an_older_minova_are_not_shown(
    db: Database, sql: sa.Engine, client: testing.TestClient
) -> None:
    """It is not removed but ignored, so it works for earlier deletes too."""
    uuid = _make(db)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(instances)
            .where(instances.c.uuid == uuid)
            .values(deleted=True, vm_state=VMState.DELETED)
        )

    (deleted,) = _listed(client, SINCE)

    assert "fault" not in deleted
    assert deleted["addresses"] == {}

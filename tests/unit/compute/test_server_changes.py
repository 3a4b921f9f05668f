# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a server that do not need its host."""

import datetime
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute_api.api import API
from minova.compute_api.projects.quotas import Quotas
from minova.compute_api.server_changes import MAX_TAGS
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import services
from minova.images import ImageDirectory
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import PAUSE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context

N_API = "api-1"
LONG_AGO = datetime.datetime(2001, 1, 1)


@pytest.fixture
def api(db: Database) -> API:
    nobody: Any = None
    images = ImageDirectory(pathlib.Path("none"))
    return API(db, nobody, images, 60, Quotas(db, {}), host=N_API)


def _now(db: Database, server: Instance) -> Instance:
    found = db.instance_get(server.uuid)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "UP"),
        ({"disabled": True}, "MAINTENANCE"),
        ({"disabled": True, "forced_down": True}, "DOWN"),
        ({"last_seen_up": LONG_AGO}, "UNKNOWN"),
        ({"last_seen_up": LONG_AGO, "disabled": True}, "MAINTENANCE"),
    ],
)
def test_host_status(sql: sa.Engine, api: API, values: Any, status: str) -> None:
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(sa.update(services).values(**values or {"id": 1}))

    assert api.host_statuses({HOST, "another"}) == {HOST: status}


def test_reset_state_takes_the_claim_and_is_recorded(
    db: Database, api: API, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING, request_id="req-lost")

    api.reset_state(context("req-reset"), server, VMState.ERROR)

    now = _now(db, server)
    assert (now.vm_state, now.task_state) == (VMState.ERROR, None)
    assert now.claim_request_id is None
    record = db.action_get(server.uuid, "req-lost")
    assert record is not None
    assert record.message == "Error"
    by_hand = db.action_get(server.uuid, "req-reset")
    assert by_hand is not None
    assert (by_hand.action, by_hand.message, by_hand.events) == ("resetState", None, ())


@pytest.mark.parametrize("host_lives", [False, True])
def test_an_action_interrupted_by_reset_state_ends(
    db: Database, api: API, new_server: NewServer, *, host_lives: bool
) -> None:
    """A dead host would never end it. A live host can no longer change its record."""
    server = new_server(
        VMState.ACTIVE, TaskState.PAUSING, request_id="req-1", started=True
    )

    api.reset_state(context("req-reset"), server, VMState.ACTIVE)
    if host_lives:
        assert not db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    (event,) = record.events
    assert (record.message, event.result, event.details) == (
        *("Error", "Error", "Preempted"),
    )
    assert event.finish_time is not None


def test_the_owner_does_not_change_an_admins_lock(
    db: Database, api: API, new_server: NewServer
) -> None:
    server = new_server()
    admin = context("req-a", user_id="admin", project_id="admin", is_admin=True)
    api.lock(admin, server, "maintenance")

    api.lock(context("req-b"), _now(db, server), "mine")

    locked = _now(db, server)
    assert (locked.locked_by, locked.locked_reason) == ("admin", "maintenance")
    assert api.is_lock_of_others(context("req-c"), locked)
    assert not api.is_lock_of_others(admin, locked)
    record = db.action_get(server.uuid, "req-a")
    assert record is not None
    assert [(each.event, each.result, each.host) for each in record.events] == [
        ("api_lock", "Success", N_API)
    ]
    assert db.action_get(server.uuid, "req-b") is None


def test_an_admins_lock_without_a_reason_keeps_the_reason(
    db: Database, api: API, new_server: NewServer
) -> None:
    server = new_server()
    admin: dict[str, Any] = {
        "user_id": "admin",
        "project_id": "admin",
        "is_admin": True,
    }
    api.lock(context(), server, "first")

    api.lock(context(**admin), _now(db, server), None)
    locked = _now(db, server)
    api.unlock(context(**admin), locked)

    assert (locked.locked_by, locked.locked_reason) == ("admin", "first")
    assert _now(db, server).locked_reason is None


def test_a_server_has_a_limited_number_of_tags(api: API, new_server: NewServer) -> None:
    server = new_server()
    api.set_tags(server, [f"t{number}" for number in range(MAX_TAGS - 1)])

    assert api.add_tag(server, "last")
    with pytest.raises(exception.Invalid, match="exceeded the per-server limit 50"):
        api.add_tag(server, "one too many")
    assert len(api.tags_of_one(server)) == MAX_TAGS


@pytest.mark.parametrize("vm_state", [VMState.BUILDING, VMState.ERROR])
def test_an_unfinished_server_cannot_be_tagged(
    api: API, new_server: NewServer, vm_state: VMState
) -> None:
    server = new_server(vm_state)

    for change, verb in (
        (lambda: api.set_tags(server, ["a"]), "update tags"),
        (lambda: api.add_tag(server, "a"), "update tag"),
        (lambda: api.remove_tag(server, "a"), "delete tag"),
        (lambda: api.remove_tags(server), "delete tags"),
    ):
        with pytest.raises(exception.Conflict) as raised:
            change()
        assert str(raised.value) == (
            f"Cannot '{verb}' instance {server.uuid} while it is in vm_state {vm_state}"
        )


def test_simultaneous_changes_of_metadata_are_kept(
    db: Database, api: API, new_server: NewServer
) -> None:
    server = new_server()

    api.update_metadata(context(), server, {"a": "1"})
    # This call still has the server as it was before.
    api.update_metadata(context(), server, {"b": "2"})

    assert _now(db, server).metadata == {"a": "1", "b": "2"}

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The claim, which is the lock on a server."""

from concurrent import futures

import pytest
import sqlalchemy as sa

from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.vocabulary.instance_actions import (
    DELETE,
    PAUSE,
    REBOOT_HARD,
    UNPAUSE,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context


def test_one_of_fifty_claims_wins(db: Database, new_server: NewServer) -> None:
    server = new_server()

    with futures.ThreadPoolExecutor(50) as pool:
        claims = list(
            pool.map(
                lambda _: db.instance_claim(context(), server.uuid, PAUSE), range(50)
            )
        )

    (winner,) = [claim for claim in claims if claim is not None]
    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.claim_request_id == winner.request_id
    pauses = [r for r in db.action_list(server.uuid) if r.action == "pause"]
    assert [record.request_id for record in pauses] == [winner.request_id]


def test_the_vm_state_is_part_of_the_claim(db: Database, new_server: NewServer) -> None:
    server = new_server(VMState.PAUSED)

    assert db.instance_claim(context(), server.uuid, PAUSE) is None
    assert db.instance_claim(context(), server.uuid, UNPAUSE) is not None


def test_a_started_claim_is_not_given_back(db: Database, new_server: NewServer) -> None:
    server = new_server()
    claim = db.instance_claim(context("req-1"), server.uuid, PAUSE)
    assert claim is not None
    assert db.instance_start(server.uuid, "req-1", [PAUSE], HOST)

    assert not db.instance_unclaim(claim)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING


def test_a_claim_that_is_given_back_leaves_a_record_without_event(
    db: Database, new_server: NewServer
) -> None:
    server = new_server()
    claim = db.instance_claim(context("req-1"), server.uuid, PAUSE)
    assert claim is not None

    assert db.instance_unclaim(claim)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.task_state, after.claim_request_id) == (None, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message == "Error"
    assert record.events == ()


def _set_claimed_at(sql: sa.Engine, text: str) -> None:
    with sql.begin() as connection:
        connection.exec_driver_sql(f"UPDATE instances SET claimed_at = '{text}'")


def _claimed_at(sql: sa.Engine) -> str:
    with sql.connect() as connection:
        query = "SELECT claimed_at FROM instances"
        return str(connection.exec_driver_sql(query).scalar_one())


def test_a_delete_that_is_given_back_restores_the_earlier_claim(
    db: Database, sql: sa.Engine, new_server: NewServer
) -> None:
    server = new_server(task_state=TaskState.PAUSING, started=True)
    _set_claimed_at(sql, "2026-01-01 00:00:00.000000")
    claim = db.instance_claim(context("req-2"), server.uuid, DELETE)
    assert claim is not None
    assert not _claimed_at(sql).startswith("2026-01-01")

    assert db.instance_unclaim(claim)

    # The claim keeps its age, so settling does not wait for it again.
    assert _claimed_at(sql).startswith("2026-01-01")

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING
    assert after.claim_request_id == "req-1"
    assert after.claim_started_at == server.claim_started_at


@pytest.mark.parametrize("message_comes", [False, True])
def test_an_action_ends_when_a_delete_takes_the_server_over(
    db: Database, new_server: NewServer, message_comes: bool
) -> None:
    """No host has started the accepted action. Its message comes late or is lost."""
    server = new_server()
    for request_id, begun in (("req-refused", False), ("req-1", True)):
        claim = db.instance_claim(context(request_id), server.uuid, PAUSE)
        assert claim is not None
        if begun:
            assert db.instance_start(server.uuid, request_id, [PAUSE], HOST)
            db.instance_finish(server.uuid, request_id, PAUSE, PowerState.PAUSED)
        else:
            assert db.instance_unclaim(claim)
    assert db.instance_claim(context("req-2"), server.uuid, UNPAUSE)

    assert db.instance_claim(context("req-3"), server.uuid, DELETE)
    if message_comes:
        again = db.instance_start(server.uuid, "req-2", [UNPAUSE], HOST)
        assert again is None
    assert db.instance_start(server.uuid, "req-3", [DELETE], HOST)
    assert db.instance_finish(server.uuid, "req-3", DELETE, PowerState.NOSTATE)

    ends = {}
    for listed in db.action_list(server.uuid)[:4]:
        record = db.action_get(server.uuid, listed.request_id)
        assert record is not None
        ends[record.request_id] = (
            record.message,
            [(event.event, event.result, event.details) for event in record.events],
        )
    assert ends == {
        "req-3": (None, [("compute_terminate_instance", "Success", None)]),
        "req-2": ("Error", [("compute_unpause_instance", "Error", "Preempted")]),
        "req-1": (None, [("compute_pause_instance", "Success", None)]),
        "req-refused": ("Error", []),
    }


def test_a_claim_starts_only_once(db: Database, new_server: NewServer) -> None:
    server = new_server(task_state=TaskState.PAUSING)

    with futures.ThreadPoolExecutor(8) as pool:
        started = list(
            pool.map(
                lambda _: db.instance_start(server.uuid, "req-1", [PAUSE], HOST),
                range(8),
            )
        )

    assert len([instance for instance in started if instance is not None]) == 1


def test_an_action_that_a_delete_gave_back_is_recorded_as_done(
    db: Database, new_server: NewServer
) -> None:
    """The action ended while a delete, later refused, held the server."""
    server = new_server(task_state=TaskState.PAUSING, started=True)
    claim = db.instance_claim(context("req-2"), server.uuid, DELETE)
    assert claim is not None
    assert not db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)
    assert db.instance_unclaim(claim)

    assert db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message is None
    (event,) = record.events
    assert (event.result, event.details) == ("Success", None)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("action", [DELETE, REBOOT_HARD], ids=lambda row: row.name)
def test_an_action_that_lost_its_server_ends_without_its_message(
    db: Database, new_server: NewServer, action: Action, *, fails: bool
) -> None:
    server = new_server()
    assert db.instance_claim(context("req-1"), server.uuid, PAUSE)
    assert db.instance_claim(context("req-2"), server.uuid, action)
    assert db.instance_start(server.uuid, "req-2", [action], HOST)

    if fails:
        failure = Failure(fault="No", details="No", traceback="")
        assert db.instance_fail(server.uuid, "req-2", action, failure, HOST)
    else:
        assert db.instance_finish(server.uuid, "req-2", action, PowerState.RUNNING)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [(event.result, event.details) for event in record.events] == [
        ("Error", "Preempted")
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A client that got no answer asks again: twice has the same effect as once."""

from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.vocabulary.instance_actions import PAUSE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from tests.unit.conftest import HOST, NewServer


def test_a_stored_start_still_belongs_to_its_request(
    db: Database, new_server: NewServer
) -> None:
    server = new_server(task_state=TaskState.PAUSING)
    for again in (False, True):
        assert db.instance_start(server.uuid, "req-1", [PAUSE], HOST, again=again)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert len(record.events) == 1


def test_a_repeated_start_does_not_take_a_claim_that_is_gone(
    db: Database, new_server: NewServer
) -> None:
    server = new_server()

    assert not db.instance_start(server.uuid, "req-1", [PAUSE], HOST, again=True)


def test_success_stays_success(db: Database, new_server: NewServer) -> None:
    server = new_server(task_state=TaskState.PAUSING, started=True)

    assert db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)
    assert not db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message is None
    assert [event.result for event in record.events] == ["Success"]


def test_a_failure_leaves_one_fault(db: Database, new_server: NewServer) -> None:
    server = new_server(task_state=TaskState.PAUSING, started=True)
    failure = Failure(fault="No", details="No", traceback="")

    assert db.instance_fail(server.uuid, "req-1", PAUSE, failure, HOST)
    assert not db.instance_fail(server.uuid, "req-1", PAUSE, failure, HOST)

    with db._read() as connection:
        faults = connection.exec_driver_sql("SELECT count(*) FROM instance_faults")
        assert faults.scalar() == 1

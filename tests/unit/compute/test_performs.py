# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The steps around every action on the host."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute_api import schedule
from minova.db.api import Database
from minova.db.connection import engine, sqlite_dialect
from minova.db.tables import faults
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import DELETE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import NewServer, context, new_instance


def test_a_pause_ends_with_the_guest_paused_and_a_record(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.PAUSED, None)
    assert after.power_state is PowerState.PAUSED
    assert driver.get_power_state(server) is PowerState.PAUSED
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [(e.event, e.result, e.host) for e in record.events] == [
        ("compute_pause_instance", "Success", "host-1")
    ]
    assert record.events[0].finish_time is not None
    assert record.message is None


def test_a_failed_pause_gives_the_server_back(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sql: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The driver's error is raised and kept. vm_state stays, and no task remains."""
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)

    def broken(instance: Instance) -> None:
        raise RuntimeError("no hypervisor today")

    monkeypatch.setattr(driver, "pause", broken)

    with pytest.raises(RuntimeError, match="no hypervisor today"):
        manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message == "Error"
    (event,) = record.events
    assert event.result == "Error"
    assert event.details == "no hypervisor today"
    assert "RuntimeError" in str(event.traceback)
    with sql.connect() as connection:
        (fault,) = connection.execute(sa.select(faults)).all()
    assert fault.message == "RuntimeError"
    assert fault.code == 500


def test_a_guest_that_is_gone_leaves_no_fault(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sql: sa.Engine,
) -> None:
    """As in Nova: the event says Error, and the server gets no fault."""
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    driver.destroy(server)

    with pytest.raises(exception.InstanceNotFound):
        manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Error"]
    with sql.connect() as connection:
        assert connection.execute(sa.select(faults)).all() == []


def test_a_second_copy_of_a_message_is_dropped(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)
    driver.unpause(server)

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    assert driver.get_power_state(server) is PowerState.RUNNING
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Success"]
    assert record.message is None


def test_a_message_never_performs_the_claim_of_another_request(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING, request_id="req-2")

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING
    assert after.claim_started_at is None
    assert driver.get_power_state(server) is PowerState.RUNNING


def test_a_delete_takes_over_during_a_pause(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pause ends, finds its claim gone, and leaves the row to the delete."""
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    pause = driver.pause

    def deleted_meanwhile(instance: Instance) -> None:
        pause(instance)
        assert db.instance_claim(context("req-2"), instance.uuid, DELETE)

    monkeypatch.setattr(driver, "pause", deleted_meanwhile)

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, TaskState.DELETING)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Error"]


def test_a_build_waits_if_the_database_goes_away_after_its_start(
    manager: ComputeManager,
    db: Database,
    sql: sa.Engine,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_server()
    server = db.instance_create(context("req-1"), new_instance(), schedule.rank, 60)
    begin = db.instance_start
    locked = engine.to_write(sql)

    def begin_and_be_locked_out(*args: Any, **kwargs: Any) -> Any:
        begun = begin(*args, **kwargs)
        locked.begin()
        locked.exec_driver_sql("SELECT 1")  # the first statement locks the file
        threading.Timer(1, locked.close).start()
        return begun

    monkeypatch.setattr(sqlite_dialect, "WAIT", 0.1)
    monkeypatch.setattr(db, "instance_start", begin_and_be_locked_out)
    monkeypatch.setattr(manager.images, "fetch", lambda context, image_id: None)

    manager.build_and_run_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Actions whose hypervisor does not answer, or goes away during the action."""

import threading
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute.manager import ComputeManager
from minova.db.api import Database
from minova.db.tables import faults
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.compute.settling import settle
from tests.unit.conftest import HOST, NewServer, context

TIMED_OUT = exception.CallTimedOut("pause", 20)
STILL_HANGS = exception.CallStillHangs("pause", 31, "pause")
AWAY = exception.HypervisorUnavailable(HOST)


def _raises(error: Exception) -> Any:
    def call(instance: Instance) -> NoReturn:
        raise error

    return call


@pytest.mark.parametrize("error", [TIMED_OUT, STILL_HANGS])
def test_it_fails_with_a_fault_that_says_so(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sql: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    monkeypatch.setattr(driver, "pause", _raises(error))

    with pytest.raises(exception.HypervisorSilent):
        manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [(e.result, e.details) for e in record.events] == [("Error", str(error))]
    with sql.connect() as connection:
        assert connection.scalars(sa.select(faults.c.message)).all() == [str(error)]


@pytest.mark.parametrize(
    ("error", "vm_state"),
    [(TIMED_OUT, VMState.ERROR), (STILL_HANGS, VMState.PAUSED), (AWAY, VMState.PAUSED)],
    ids=["tried", "refused", "away"],
)
def test_a_refused_delete_leaves_the_server_unchanged(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    vm_state: VMState,
) -> None:
    server = new_server(VMState.PAUSED, TaskState.DELETING)
    monkeypatch.setattr(driver, "destroy", _raises(error))

    with pytest.raises(type(error)):
        manager.terminate_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (vm_state, None)


@pytest.mark.parametrize("was_done", [True, False], ids=["done", "not done"])
def test_an_action_whose_hypervisor_died_is_settled_when_it_is_back(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    was_done: bool,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    pauses: list[str] = []

    def dies(instance: Instance) -> None:
        pauses.append(instance.uuid)
        if was_done:
            FakeDriver.pause(driver, instance)
        raise exception.HypervisorLost(HOST)

    def works(instance: Instance) -> None:
        pauses.append(instance.uuid)
        FakeDriver.pause(driver, instance)

    monkeypatch.setattr(driver, "pause", dies)
    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)
    claimed = db.instance_get(server.uuid)
    assert claimed is not None
    assert claimed.task_state is TaskState.PAUSING
    monkeypatch.setattr(driver, "pause", works)

    # A host had started the claim, so settling does not wait for the grace time.
    settle(manager, older_than=3600)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.PAUSED, None)
    assert len(pauses) == (1 if was_done else 2)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Success"]


def test_a_rescue_is_settled_if_its_hypervisor_dies_at_the_power_off(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.RESCUING)
    with monkeypatch.context() as broken:
        broken.setattr(driver, "rescue", lambda *_: _raises(AWAY)(server))
        manager.rescue_instance(context("req-1"), instance_uuid=server.uuid)
    half_way = db.instance_get(server.uuid)
    assert half_way is not None
    assert half_way.task_state is TaskState.RESCUING
    assert driver.get_power_state(server) is PowerState.SHUTDOWN

    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.RESCUED, None)


def test_a_finished_action_counts_even_if_the_hypervisor_is_gone(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    monkeypatch.setattr(driver, "get_power_state", _raises(TIMED_OUT))

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.power_state) == (VMState.PAUSED, PowerState.PAUSED)


def test_a_silent_guest_does_not_delay_the_settling_of_others(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent, other = (
        new_server(VMState.ACTIVE, TaskState.PAUSING, request_id=name, started=True)
        for name in ("req-silent", "req-other")
    )
    settled = threading.Event()

    def get_power_state(instance: Instance) -> PowerState:
        if instance.uuid == silent.uuid:
            assert settled.wait(10), "the other one waited for it"
            raise TIMED_OUT
        return FakeDriver.get_power_state(driver, instance)

    def pause(instance: Instance) -> None:
        FakeDriver.pause(driver, instance)
        settled.set()

    monkeypatch.setattr(driver, "get_power_state", get_power_state)
    monkeypatch.setattr(driver, "pause", pause)

    settle(manager, older_than=0)

    after = db.instance_get(other.uuid)
    assert after is not None
    assert after.vm_state is VMState.PAUSED
    still = db.instance_get(silent.uuid)
    assert still is not None
    assert still.task_state is TaskState.PAUSING

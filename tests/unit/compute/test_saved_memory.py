# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests that are off, with or without saved memory."""

import pytest

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute.power_sync import PowerSync
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.fake import FakeDriver
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import (
    REBOOT_HARD,
    RESUME,
    START,
    SUSPEND,
    Action,
)
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context


def _see(manager: ComputeManager, server: Instance, how: str) -> None:
    """Let the power sync see a guest that is off."""
    sync = PowerSync(manager)
    manager.driver.init_host(sync.handle_lifecycle_event)
    if how == "look":
        sync.sync_all()
    else:
        event = LifecycleEvent(server.uuid, Transition.STOPPED)
        sync.handle_lifecycle_event(event)


def _claim(db: Database, server: Instance, action: Action) -> RequestContext:
    request = context()
    assert db.instance_claim(request, server.uuid, action)
    return request


def _now(db: Database, server: Instance) -> Instance:
    now = db.instance_get(server.uuid)
    assert now is not None
    assert now.task_state is None
    return now


@pytest.mark.parametrize("how", ["look", "event"])
@pytest.mark.parametrize("vm_state", [VMState.ACTIVE, VMState.PAUSED])
def test_a_server_with_saved_memory_is_suspended(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    vm_state: VMState,
    how: str,
) -> None:
    """If it counted as stopped, its next start would discard its memory."""
    server = new_server(vm_state)
    driver.suspend(server)

    _see(manager, server, how)

    assert _now(db, server).vm_state is VMState.SUSPENDED
    assert driver.get_guest_state(server) is GuestState.SAVED
    newest = db.action_list(server.uuid)[0]
    assert (newest.action, newest.message) == ("suspend", None)
    manager.resume_instance(_claim(db, server, RESUME), server.uuid)
    assert _now(db, server).vm_state is VMState.ACTIVE


@pytest.mark.parametrize("how", ["look", "event"])
def test_a_suspend_may_be_done_after_a_reboot_that_took_over_failed(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    server = new_server(VMState.ACTIVE)
    suspend = _claim(db, server, SUSPEND)
    assert db.instance_start(server.uuid, str(suspend.request_id), [SUSPEND], HOST)
    reboot = _claim(db, server, REBOOT_HARD)

    def cannot(*_arguments: object) -> None:
        raise exception.CallStillHangs("suspend", 5, "reboot")

    monkeypatch.setattr(driver, "reboot", cannot)
    with pytest.raises(exception.CallStillHangs):
        manager.reboot_instance(reboot, server.uuid)
    assert _now(db, server).vm_state is VMState.ACTIVE
    driver.suspend(server)

    _see(manager, server, how)

    assert _now(db, server).vm_state is VMState.SUSPENDED
    assert driver.get_guest_state(server) is GuestState.SAVED


@pytest.mark.parametrize("how", ["look", "event"])
@pytest.mark.parametrize("vm_state", [VMState.STOPPED, VMState.ERROR, VMState.RESCUED])
def test_in_other_states_the_user_decides_about_a_saved_guest(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    vm_state: VMState,
    how: str,
) -> None:
    server = new_server(vm_state)
    driver.power_on(server)
    driver.suspend(server)

    _see(manager, server, how)

    assert _now(db, server).vm_state is vm_state
    assert [each.action for each in db.action_list(server.uuid)] == ["create"]
    assert driver.get_guest_state(server) is GuestState.SAVED


@pytest.mark.parametrize("how", ["look", "event"])
def test_a_suspended_server_without_its_memory_is_stopped(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    server = new_server(VMState.SUSPENDED)
    driver._guests[server.uuid].is_saved = False

    _see(manager, server, how)

    assert _now(db, server).vm_state is VMState.STOPPED
    assert db.action_list(server.uuid)[0].action == "stop"
    warned = [each.message for each in caplog.records if each.levelname == "WARNING"]
    assert warned == [
        "The saved memory of the suspended instance is gone. Calling the stop API."
    ]


def test_a_resume_without_the_memory_fails_and_the_server_can_be_started(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.SUSPENDED)
    driver._guests[server.uuid].is_saved = False
    resume = _claim(db, server, RESUME)

    with pytest.raises(exception.SavedMemoryGone):
        manager.resume_instance(resume, server.uuid)

    assert _now(db, server).vm_state is VMState.STOPPED
    assert driver.get_guest_state(server) is GuestState.OFF
    record = db.action_get(server.uuid, str(resume.request_id))
    assert record is not None
    (event,) = record.events
    assert (record.message, event.result) == ("Error", "Error")
    assert "The saved memory of instance" in str(event.details)
    manager.start_instance(_claim(db, server, START), server.uuid)
    assert _now(db, server).vm_state is VMState.ACTIVE

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The steps of a reboot that users see, and other actions that take over from it."""

import logging

import pytest

from minova import exception
from minova.compute.manager import ComputeManager
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.virt.driver import IsWanted, RebootType, Shutdown
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import (
    DELETE,
    PAUSE,
    REBOOT_HARD,
    REBOOT_SOFT,
    STOP,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.unit.compute.settling import settle
from tests.unit.conftest import NewServer, context

both = pytest.mark.parametrize(
    "action", [REBOOT_SOFT, REBOOT_HARD], ids=["soft", "hard"]
)


@both
def test_its_steps_are_seen_in_order(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, action)
    seen = []

    def look() -> None:
        now = db.instance_get(server.uuid)
        assert now is not None
        seen.append(now.task_state)

    look()
    ask = driver.get_power_state

    def get_power_state(instance: Instance) -> PowerState:
        look()
        return ask(instance)

    def reboot(instance: Instance, kind: RebootType, is_wanted: IsWanted) -> None:
        look()
        assert is_wanted()
        assert (kind is RebootType.HARD) == (action is REBOOT_HARD)

    monkeypatch.setattr(driver, "get_power_state", get_power_state)
    monkeypatch.setattr(driver, "reboot", reboot)

    manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)

    asked, _pending, started = action.task_states
    assert seen == [asked, asked, started, started]
    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is None


@both
def test_a_delete_ends_the_wait_for_a_guest(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, action)

    def reboot(instance: Instance, kind: RebootType, is_wanted: IsWanted) -> None:
        assert is_wanted()
        assert db.instance_claim(context("req-2"), instance.uuid, DELETE)
        assert not is_wanted()
        raise exception.TaskPreempted(instance.uuid)

    monkeypatch.setattr(driver, "reboot", reboot)

    manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)

    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [(event.result, event.details) for event in record.events] == [
        ("Error", "Preempted")
    ]
    manager.terminate_instance(context("req-2"), instance_uuid=server.uuid)
    assert db.instance_get(server.uuid) is None


@both
def test_a_delete_that_is_finally_refused_does_no_harm(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
) -> None:
    """The delete's claim ended the wait, but was given back before it was recorded."""
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, action)

    def reboot(instance: Instance, kind: RebootType, is_wanted: IsWanted) -> None:
        claim = db.instance_claim(context("req-2"), instance.uuid, DELETE)
        assert claim is not None
        assert not is_wanted()
        assert db.instance_unclaim(claim)
        raise exception.TaskPreempted(instance.uuid)

    monkeypatch.setattr(driver, "reboot", reboot)

    manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)
    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)


def test_a_stop_continues_after_a_delete_that_is_finally_refused(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, STOP)

    def power_off(instance: Instance, shutdown: Shutdown | None) -> None:
        claim = db.instance_claim(context("req-2"), instance.uuid, DELETE)
        assert claim is not None
        assert db.instance_unclaim(claim)
        raise exception.TaskPreempted(instance.uuid)

    with monkeypatch.context() as patched:
        patched.setattr(driver, "power_off", power_off)
        manager.stop_instance(context("req-1"), instance_uuid=server.uuid)
    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.STOPPED, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Success"]


def test_a_hanging_guest_does_not_hide_why_its_reboot_failed(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such a guest cannot be asked, so it is unknown whether it runs."""
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, REBOOT_HARD)

    def hangs(*_: object) -> None:
        raise exception.CallStillHangs("power off", 20, "state")

    def reboot(*_: object) -> None:
        monkeypatch.setattr(driver, "get_power_state", hangs)
        raise exception.CallTimedOut("power off", 20)

    monkeypatch.setattr(driver, "reboot", reboot)

    with pytest.raises(exception.CallTimedOut):
        manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert "(power off)" in str(record.events[0].details)
    assert "earlier call" not in str(record.events[0].details)


def test_a_hard_reboot_takes_over_from_a_pause_that_nobody_performs(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, PAUSE)
    assert db.instance_claim(context("req-2"), server.uuid, REBOOT_HARD)

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)
    manager.reboot_instance(context("req-2"), instance_uuid=server.uuid)

    ends = {}
    for request_id in ("req-1", "req-2"):
        record = db.action_get(server.uuid, request_id)
        assert record is not None
        ends[request_id] = [event.result for event in record.events]
    assert ends == {"req-1": ["Error"], "req-2": ["Success"]}
    assert driver.get_power_state(server) is PowerState.RUNNING


def test_a_failed_reboot_of_a_running_guest_does_no_harm(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, REBOOT_HARD)

    def reboot(*_: object) -> None:
        raise RuntimeError("not today")

    monkeypatch.setattr(driver, "reboot", reboot)

    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(exception.RebootFailed, match="not today"),
    ):
        manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message == "Error"
    assert "Reboot failed but instance is running" in caplog.messages


def test_a_guest_that_does_not_run_is_reported(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = new_server(VMState.STOPPED)
    assert db.instance_claim(context("req-1"), server.uuid, REBOOT_HARD)

    with caplog.at_level(logging.WARNING):
        manager.reboot_instance(context("req-1"), instance_uuid=server.uuid)

    said = "trying to reboot a non-running instance: (state: 4 expected: 1)"
    assert said in caplog.messages

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Nova's rules for guests that change by themselves."""

import contextlib
import logging

import pytest
import sqlalchemy as sa

from minova.compute.manager import ComputeManager
from minova.compute.power_sync import PowerSync
from minova.db.api import Database
from minova.db.connection import engine, sqlite_dialect
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import (
    DELETE,
    PAUSE,
    REBOOT_HARD,
    REBUILD,
    START,
    STOP,
    SUSPEND,
    UNPAUSE,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import NewServer, context


def _look(manager: ComputeManager) -> PowerSync:
    """Check all guests, with the driver's events passed on."""
    sync = PowerSync(manager)
    manager.driver.init_host(sync.handle_lifecycle_event)
    sync.sync_all()
    return sync


@pytest.mark.parametrize(
    ("vm_state", "guest", "vm_state_after", "power_state_after"),
    [
        (VMState.ACTIVE, PowerState.PAUSED, VMState.ACTIVE, PowerState.PAUSED),
        (VMState.ACTIVE, PowerState.SHUTDOWN, VMState.STOPPED, PowerState.SHUTDOWN),
        (VMState.ACTIVE, PowerState.CRASHED, VMState.STOPPED, PowerState.SHUTDOWN),
        (VMState.ACTIVE, PowerState.SUSPENDED, VMState.STOPPED, PowerState.SHUTDOWN),
        (VMState.PAUSED, PowerState.SHUTDOWN, VMState.STOPPED, PowerState.SHUTDOWN),
        # Nova leaves this server as it is, and its user cannot recover it.
        (VMState.PAUSED, PowerState.RUNNING, VMState.ACTIVE, PowerState.RUNNING),
        (VMState.STOPPED, PowerState.RUNNING, VMState.STOPPED, PowerState.SHUTDOWN),
        (VMState.STOPPED, PowerState.CRASHED, VMState.STOPPED, PowerState.CRASHED),
        (VMState.ACTIVE, PowerState.NOSTATE, VMState.ACTIVE, PowerState.NOSTATE),
        (VMState.PAUSED, PowerState.NOSTATE, VMState.PAUSED, PowerState.NOSTATE),
        # A restore or a delete removes the guest, even if somebody started it by hand.
        *(
            (VMState.SOFT_DELETED, guest, VMState.SOFT_DELETED, guest)
            for guest in PowerState
        ),
        (VMState.ERROR, PowerState.SHUTDOWN, VMState.ERROR, PowerState.SHUTDOWN),
        (VMState.ERROR, PowerState.RUNNING, VMState.ERROR, PowerState.RUNNING),
        (VMState.ERROR, PowerState.NOSTATE, VMState.ERROR, PowerState.NOSTATE),
    ],
)
def test_the_row_follows_the_guest(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    vm_state: VMState,
    guest: PowerState,
    vm_state_after: VMState,
    power_state_after: PowerState,
) -> None:
    server = new_server(vm_state, guest=guest)

    _look(manager)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.power_state) == (vm_state_after, power_state_after)
    assert after.task_state is None


def test_a_row_that_an_action_changes_meanwhile_is_not_said_to_be_wrong(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """All rows are read first.  The last guests are asked some time later."""
    server = new_server(VMState.ACTIVE)
    read = db.instances_on

    def read_just_before_a_pause(host: str) -> list[Instance]:
        found = read(host)
        assert db.instance_claim(context("req-1"), server.uuid, PAUSE)
        manager.pause_instance(context("req-1"), instance_uuid=server.uuid)
        return found

    monkeypatch.setattr(db, "instances_on", read_just_before_a_pause)

    with caplog.at_level(logging.DEBUG):
        _look(manager)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.power_state) == (VMState.PAUSED, PowerState.PAUSED)
    assert not [line for line in caplog.messages if "does not match" in line]


def test_a_started_guest_of_a_soft_deleted_server_is_logged(
    manager: ComputeManager, new_server: NewServer, caplog: pytest.LogCaptureFixture
) -> None:
    new_server(VMState.SOFT_DELETED, guest=PowerState.RUNNING)

    _look(manager)

    assert "Instance is not (soft-)deleted." in caplog.messages


def test_a_stop_by_itself_is_recorded(
    manager: ComputeManager, db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.PAUSED, guest=PowerState.SHUTDOWN)

    _look(manager)

    newest = db.action_list(server.uuid)[0]
    record = db.action_get(server.uuid, newest.request_id)
    assert record is not None
    assert record.action == "stop"
    assert [event.event for event in record.events] == ["compute_stop_instance"]


def test_a_pending_task_is_left_alone(
    manager: ComputeManager, db: Database, new_server: NewServer
) -> None:
    server = new_server(
        VMState.ACTIVE, TaskState.PAUSING, started=True, guest=PowerState.PAUSED
    )

    event = LifecycleEvent(server.uuid, Transition.PAUSED)
    PowerSync(manager).handle_lifecycle_event(event)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.power_state is PowerState.RUNNING
    assert after.task_state is TaskState.PAUSING


@pytest.mark.parametrize(
    ("vm_state", "task_state"),
    [(VMState.ACTIVE, TaskState.PAUSING), (VMState.PAUSED, None)],
)
def test_the_event_of_its_own_action_needs_no_query(
    manager: ComputeManager,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    vm_state: VMState,
    task_state: TaskState | None,
) -> None:
    """The event may come before or after the row is stored."""
    server = new_server(vm_state, task_state, started=True, guest=PowerState.PAUSED)
    monkeypatch.setattr(
        driver, "get_power_state", lambda _instance: pytest.fail("it is asked")
    )

    with caplog.at_level("DEBUG"):
        PowerSync(manager).handle_lifecycle_event(
            LifecycleEvent(server.uuid, Transition.PAUSED)
        )

    assert "Checking state" in caplog.messages
    assert "VM power_state: 3" in caplog.text
    assert manager.suspects == set()


@pytest.mark.parametrize(
    ("action", "task_state", "questions"),
    [(PAUSE, TaskState.PAUSING, 0), (REBUILD, TaskState.REBUILDING, 1)],
)
def test_the_row_of_an_action_in_hand_is_known_unless_it_has_steps(
    manager: ComputeManager,
    sql: sa.Engine,
    new_server: NewServer,
    caplog: pytest.LogCaptureFixture,
    action: Action,
    task_state: TaskState,
    questions: int,
) -> None:
    server = new_server(
        VMState.ACTIVE, task_state, started=True, guest=PowerState.PAUSED
    )
    statements: list[object] = []
    sa.event.listen(sql, "before_cursor_execute", lambda *told: statements.append(told))

    with (
        caplog.at_level("INFO"),
        manager.in_hand.hold(server.uuid, str(server.claim_request_id)),
    ):
        manager.in_hand.start(action, server)
        PowerSync(manager).handle_lifecycle_event(
            LifecycleEvent(server.uuid, Transition.PAUSED)
        )

    assert len(statements) == questions
    assert (
        f"During sync_power_state the instance has a pending task ({task_state}). Skip."
        in caplog.messages
    )
    assert manager.in_hand.row(server.uuid) is None


def test_a_stale_event_is_ignored(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    """Paused was once true, but the guest has been running again since."""
    server = new_server(VMState.ACTIVE)

    event = LifecycleEvent(server.uuid, Transition.PAUSED)
    PowerSync(manager).handle_lifecycle_event(event)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.power_state is PowerState.RUNNING


def test_a_server_of_another_host_is_ignored(
    manager: ComputeManager, db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, guest=PowerState.SHUTDOWN)
    manager.host = "host-2"

    event = LifecycleEvent(server.uuid, Transition.STOPPED)
    PowerSync(manager).handle_lifecycle_event(event)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.vm_state is VMState.ACTIVE


@pytest.mark.parametrize("how", ["event", "look"])
def test_changes_without_a_database_are_followed_later(
    manager: ComputeManager,
    db: Database,
    sql: sa.Engine,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    server = new_server(VMState.PAUSED)
    sync = PowerSync(manager)
    sync.sync_all()
    monkeypatch.setattr(sqlite_dialect, "WAIT", 0.1)
    manager.driver.unpause(server)

    with engine.to_write(sql) as connection, connection.begin():
        connection.exec_driver_sql("SELECT 1")  # the first statement locks the file
        if how == "event":
            sync.handle_lifecycle_event(LifecycleEvent(server.uuid, Transition.RESUMED))
        else:
            sync.sync_all()
    sync.sync_suspects()

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.power_state) == (VMState.ACTIVE, PowerState.RUNNING)


@pytest.mark.parametrize(
    ("vm_state", "action"),
    [
        (VMState.ACTIVE, PAUSE),
        (VMState.PAUSED, UNPAUSE),
        (VMState.ACTIVE, STOP),
        (VMState.ACTIVE, SUSPEND),
        (VMState.STOPPED, START),
        (VMState.ACTIVE, REBOOT_HARD),
        (VMState.PAUSED, DELETE),
    ],
)
def test_an_action_does_not_make_its_server_suspect(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    vm_state: VMState,
    action: Action,
) -> None:
    server = new_server(vm_state)
    _look(manager)
    request = context()
    assert db.instance_claim(request, server.uuid, action)

    getattr(manager, action.rpc_method)(request, server.uuid)

    assert manager.suspects == set()


def test_a_guest_killed_during_an_action_is_followed(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    """The action ends as if the guest had not been killed."""
    server = new_server(
        VMState.ACTIVE, TaskState.PAUSING, started=True, guest=PowerState.SHUTDOWN
    )
    sync = _look(manager)
    sync.handle_lifecycle_event(LifecycleEvent(server.uuid, Transition.STOPPED))
    assert db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)

    sync.sync_suspects()

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.vm_state is VMState.STOPPED


@pytest.mark.parametrize("ends", ["reset", "fails"])
def test_a_guest_is_checked_after_an_action_with_another_result(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    ends: str,
) -> None:
    """The event belonged to the action, and the row differs from its result."""
    server = new_server(VMState.ACTIVE)
    sync = _look(manager)
    pause = driver.pause

    def pause_and_more(instance: Instance) -> None:
        pause(instance)
        if ends == "fails":
            raise RuntimeError
        db.instance_reset_state(context(), instance.uuid, VMState.ACTIVE)

    monkeypatch.setattr(driver, "pause", pause_and_more)
    request = context()
    assert db.instance_claim(request, server.uuid, PAUSE)
    with contextlib.suppress(RuntimeError):
        manager.pause_instance(request, server.uuid)

    sync.sync_suspects()

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.power_state is PowerState.PAUSED

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows that follow their guests where Nova would ignore them."""

from collections.abc import Callable

import pytest
from oslo_concurrency import lockutils

from minova import exception
from minova.compute.follow import Follow
from minova.compute.manager import ComputeManager
from minova.compute.power_sync import PowerSync
from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import CREATE, DELETE, PAUSE, UNPAUSE, Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context

Fails = Callable[[Instance, Action], None]


@pytest.fixture
def fail(db: Database) -> Fails:
    """Record an action of a server as failed, as after a hanging call."""

    def fail(instance: Instance, action: Action) -> None:
        request = context()
        request_id = str(request.request_id)
        assert db.instance_claim(request, instance.uuid, action)
        assert db.instance_start(instance.uuid, request_id, [action], HOST)
        failure = Failure(fault="hung", details="hung")
        assert db.instance_fail(instance.uuid, request_id, action, failure, HOST)

    return fail


def _now(db: Database, server: Instance) -> Instance:
    now = db.instance_get(server.uuid)
    assert now is not None
    return now


def test_a_guest_resumed_by_hand_is_recorded(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.PAUSED)
    driver.unpause(server)

    event = LifecycleEvent(server.uuid, Transition.RESUMED)
    PowerSync(manager).handle_lifecycle_event(event)

    after = _now(db, server)
    assert (after.vm_state, after.power_state) == (VMState.ACTIVE, PowerState.RUNNING)
    newest = db.action_list(server.uuid)[0]
    assert (newest.action, newest.message) == ("unpause", None)
    record = db.action_get(server.uuid, newest.request_id)
    assert record is not None
    assert [(e.event, e.result, e.host) for e in record.events] == [
        ("compute_sync_power_state", "Success", HOST)
    ]


def test_a_hanging_pause_that_is_done_later(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    fail: Fails,
) -> None:
    server = new_server(VMState.ACTIVE)
    fail(server, PAUSE)
    driver.pause(server)

    PowerSync(manager).sync_all()

    after = _now(db, server)
    assert (after.vm_state, after.power_state) == (VMState.PAUSED, PowerState.PAUSED)


def test_an_old_failure_is_ignored_after_a_success(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    fail: Fails,
) -> None:
    """Then somebody paused the guest by hand, which Nova ignores."""
    server = new_server(VMState.ACTIVE)
    fail(server, PAUSE)
    for action in (PAUSE, UNPAUSE):
        request = context()
        assert db.instance_claim(request, server.uuid, action)
        getattr(manager, action.rpc_method)(request, server.uuid)
    driver.pause(server)

    PowerSync(manager).sync_all()

    assert _now(db, server).vm_state is VMState.ACTIVE


def test_a_hanging_delete_that_is_done_later(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    fail: Fails,
) -> None:
    server = new_server(VMState.ACTIVE)
    fail(server, DELETE)
    assert _now(db, server).vm_state is VMState.ERROR
    driver.destroy(server)

    PowerSync(manager).sync_all()

    assert db.instance_get(server.uuid) is None


def test_a_failed_delete_is_not_taken_for_a_deferred_one(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    fail: Fails,
) -> None:
    """Both are recorded as ``delete``, but this one got no further than the power."""
    server = new_server(VMState.ACTIVE)
    fail(server, DELETE)
    driver.power_off(server)

    PowerSync(manager).sync_all()

    assert _now(db, server).vm_state is VMState.ERROR


def test_a_hanging_create_that_is_done_later(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ERROR)

    moved = Follow(manager)._moved(server, CREATE, PowerState.RUNNING)

    assert moved
    after = _now(db, server)
    assert after.vm_state is VMState.ACTIVE
    assert after.launched_at is not None


def test_a_change_that_is_over_is_not_followed(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guest was running, and was paused again before the row could follow."""
    server = new_server(VMState.PAUSED)
    monkeypatch.setattr(manager, "get_power_state", lambda _: PowerState.RUNNING)

    PowerSync(manager).sync_all()

    assert _now(db, server).vm_state is VMState.PAUSED


Found = tuple[VMState, PowerState, VMState | None]


@pytest.mark.parametrize("how", ["event", "look"])
@pytest.mark.parametrize(
    "found",
    [
        (VMState.ACTIVE, PowerState.SHUTDOWN, VMState.STOPPED),
        (VMState.PAUSED, PowerState.RUNNING, VMState.ACTIVE),
        (VMState.ERROR, PowerState.NOSTATE, None),
    ],
    ids=["stop", "follow", "delete"],
)
def test_nobody_waits_for_an_action_that_holds_the_guest(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    fail: Fails,
    found: Found,
    how: str,
) -> None:
    """The action has lost its claim, because a check skips a server with a claim."""
    before, guest, after = found
    server = new_server(before)
    if after is None:
        fail(server, DELETE)
    driver._guests[server.uuid].power_state = guest
    known = db.action_list(server.uuid)
    sync = PowerSync(manager)
    driver.init_host(sync.handle_lifecycle_event)
    transition = {PowerState.RUNNING: Transition.RESUMED}.get(guest, Transition.STOPPED)

    with lockutils.internal_lock(server.uuid):
        # The check runs on the action's own thread, so waiting would never end.
        if how == "event":
            sync.handle_lifecycle_event(LifecycleEvent(server.uuid, transition))
        else:
            sync.sync_all()
        assert _now(db, server).vm_state is before
        assert db.action_list(server.uuid) == known
    sync.sync_suspects()

    now = db.instance_get(server.uuid)
    assert (now and now.vm_state) is after


class Suspicious(FakeDriver):
    """Returns the given suspects: guests that may have changed without an event."""

    says: set[str] | None
    silent: frozenset[str] = frozenset()

    def take_suspects(self) -> set[str] | None:
        says, self.says = self.says, set()
        return says

    def get_power_state(self, instance: Instance) -> PowerState:
        if instance.uuid in self.silent:
            raise exception.CallTimedOut("state", 20)
        return super().get_power_state(instance)


class TestSuspects:
    @pytest.fixture
    def driver(self) -> Suspicious:
        driver = Suspicious(HOST)
        driver.says = set()
        return driver

    @pytest.fixture
    def sync(self, manager: ComputeManager) -> PowerSync:
        sync = PowerSync(manager)
        sync.sync_all()
        return sync

    def test_a_guest_that_came_back_is_checked(
        self, sync: PowerSync, db: Database, driver: Suspicious, new_server: NewServer
    ) -> None:
        server, other = (new_server(VMState.PAUSED) for _ in range(2))
        for one in (server, other):
            driver.unpause(one)
        driver.says = {server.uuid}

        sync.sync_suspects()

        assert _now(db, server).vm_state is VMState.ACTIVE
        assert _now(db, other).vm_state is VMState.PAUSED

    def test_all_guests_are_checked_after_a_reconnect(
        self, sync: PowerSync, db: Database, driver: Suspicious, new_server: NewServer
    ) -> None:
        servers = [new_server(VMState.PAUSED) for _ in range(2)]
        for one in servers:
            driver.unpause(one)
        driver.says = None

        sync.sync_suspects()

        assert {_now(db, one).vm_state for one in servers} == {VMState.ACTIVE}

    def test_a_guest_that_does_not_answer_is_asked_again(
        self, sync: PowerSync, db: Database, driver: Suspicious, new_server: NewServer
    ) -> None:
        server = new_server(VMState.PAUSED)
        driver.unpause(server)
        driver.says = {server.uuid}
        driver.silent = frozenset({server.uuid})
        sync.sync_suspects()
        assert _now(db, server).vm_state is VMState.PAUSED
        driver.silent = frozenset()

        sync.sync_suspects()

        assert _now(db, server).vm_state is VMState.ACTIVE

    def test_a_busy_guest_is_checked_after_its_task(
        self, sync: PowerSync, db: Database, driver: Suspicious, new_server: NewServer
    ) -> None:
        """The guest was resumed by hand after its pause, before the row was stored."""
        server = new_server(VMState.ACTIVE, TaskState.PAUSING, started=True)
        sync.handle_lifecycle_event(LifecycleEvent(server.uuid, Transition.RESUMED))
        assert db.instance_finish(server.uuid, "req-1", PAUSE, PowerState.PAUSED)

        sync.sync_suspects()

        assert _now(db, server).vm_state is VMState.ACTIVE

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Settling: the work of a dead process comes to a recorded end."""

import logging
import threading
import time

import pytest
import sqlalchemy as sa
from oslo_context import context as oslo_context

from minova.compute.manager import ComputeManager
from minova.compute.unfinished import Settlement
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.connection import engine
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.driver import Shutdown
from minova.virt.fake import FakeDriver
from minova.vocabulary import instance_actions
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.real_servers import wait_until
from tests.unit.compute.settling import settle
from tests.unit.conftest import NewServer, context, new_instance

PAUSE = (VMState.ACTIVE, TaskState.PAUSING, VMState.PAUSED, PowerState.PAUSED)
UNPAUSE = (VMState.PAUSED, TaskState.UNPAUSING, VMState.ACTIVE, PowerState.RUNNING)


@pytest.mark.parametrize("started", [False, True], ids=["unstarted", "started"])
@pytest.mark.parametrize(
    "guest", [PowerState.RUNNING, PowerState.PAUSED], ids=["running", "paused"]
)
@pytest.mark.parametrize("case", [PAUSE, UNPAUSE], ids=["pause", "unpause"])
def test_it_ends_as_the_request_wanted(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    case: tuple[VMState, TaskState, VMState, PowerState],
    guest: PowerState,
    *,
    started: bool,
) -> None:
    """Nova's restart matrix, including two rows that Nova leaves stuck."""
    vm_state, task_state, target, target_power_state = case
    server = new_server(vm_state, task_state, started=started, guest=guest)

    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (target, None)
    assert after.power_state is target_power_state
    assert driver.get_power_state(server) is target_power_state
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Success"]


def test_finished_actions_are_not_done_again(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(
        VMState.ACTIVE, TaskState.PAUSING, started=True, guest=PowerState.PAUSED
    )

    def never(instance: Instance) -> None:
        pytest.fail("the guest was touched")

    monkeypatch.setattr(driver, "pause", never)

    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.vm_state is VMState.PAUSED


@pytest.mark.parametrize("started", [False, True], ids=["unstarted", "started"])
def test_a_missing_guest_is_a_recorded_failure(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    *,
    started: bool,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING, started=started)
    driver.destroy(server)

    settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.message == "Error"
    assert [event.result for event in record.events] == ["Error"]


def test_a_delete_is_finished(
    manager: ComputeManager, db: Database, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.PAUSED, TaskState.DELETING, started=True)

    settle(manager, older_than=0)

    assert db.instance_get(server.uuid) is None
    assert driver.get_power_state(server) is PowerState.NOSTATE


def test_a_late_message_is_dropped(
    manager: ComputeManager, driver: FakeDriver, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    settle(manager, older_than=0)
    driver.unpause(server)

    manager.pause_instance(context("req-1"), instance_uuid=server.uuid)

    assert driver.get_power_state(server) is PowerState.RUNNING


def test_a_young_claim_is_left_to_its_message(
    manager: ComputeManager, db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)

    settle(manager, older_than=20)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING


def test_a_claim_that_a_thread_performs_is_left_to_it(
    manager: ComputeManager, db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING, started=True)

    with manager.in_hand.hold(server.uuid, "req-1"):
        settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING


def test_settling_and_a_late_message_may_hold_the_same_request(
    manager: ComputeManager,
) -> None:
    held = ("a server", "req-1")

    with manager.in_hand.hold(*held), manager.in_hand.hold(*held):
        assert held in manager.in_hand

    assert len(manager.in_hand) == 0


def test_a_claim_that_ended_after_it_was_read_is_left_alone(
    manager: ComputeManager, driver: FakeDriver, new_server: NewServer
) -> None:
    """Its thread was faster. By now the server may be in another state for a reason."""
    seen = new_server(VMState.ACTIVE, TaskState.PAUSING, started=True)
    settle(manager, older_than=0)
    driver.unpause(seen)

    ComputeManager.pause_instance.settle(manager, context("req-1"), seen)

    assert driver.get_power_state(seen) is PowerState.RUNNING


def test_a_claim_that_ends_while_it_is_found_is_not_called_unfinished(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A quick action often ends between the question and the look at the threads."""
    server = new_server(VMState.ACTIVE, TaskState.PAUSING, started=True)
    ask = db.instances_unfinished

    def ask_in_its_last_moment(host: str, older_than: float) -> list[Instance]:
        found = ask(host, older_than)
        ComputeManager.pause_instance.settle(manager, context("req-1"), server)
        return found

    monkeypatch.setattr(db, "instances_unfinished", ask_in_its_last_moment)

    with caplog.at_level(logging.DEBUG):
        settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.vm_state is VMState.PAUSED
    assert not [line for line in caplog.messages if "transitional" in line]


def test_a_claim_that_starts_while_it_is_found_is_left_to_its_thread(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = new_server(VMState.ACTIVE, TaskState.PAUSING)
    ask = db.instances_unfinished

    def ask_just_before_it_starts(host: str, older_than: float) -> list[Instance]:
        found = ask(host, older_than)
        actions = [instance_actions.PAUSE]
        assert db.instance_start(server.uuid, "req-1", actions, host)
        return found

    monkeypatch.setattr(db, "instances_unfinished", ask_just_before_it_starts)

    with caplog.at_level(logging.DEBUG):
        settle(manager, older_than=0)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is TaskState.PAUSING
    assert not [line for line in caplog.messages if "transitional" in line]


@pytest.mark.parametrize(
    ("started", "older_than", "since"),
    [
        (False, 0, " at start-up"),
        (True, 0, " at start-up"),
        (False, 0.01, " for 0.01 s"),
        (True, 0.01, ""),
    ],
)
def test_the_log_says_how_long_a_claim_waited(
    manager: ComputeManager,
    new_server: NewServer,
    caplog: pytest.LogCaptureFixture,
    older_than: float,
    since: str,
    *,
    started: bool,
) -> None:
    """Only for a claim that did wait."""
    new_server(VMState.ACTIVE, TaskState.PAUSING, started=started)
    time.sleep(older_than)

    with caplog.at_level(logging.WARNING):
        settle(manager, older_than=older_than)

    (line,) = [each for each in caplog.messages if "transitional" in each]
    assert line.startswith(
        f"Instance in transitional state (pausing){since} and power state is (1), "
    )


def test_it_is_done_under_the_request_id_and_names_of_the_caller(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log of n-cpu shows names, not Keystone's ids."""
    server = new_server(VMState.ACTIVE)
    asked = RequestContext(
        user_id="6c1a",
        user_name="alice",
        project_id="77fe",
        project_name="blue",
        overwrite=False,
    )
    assert db.instance_claim(asked, server.uuid, instance_actions.PAUSE)
    seen: list[dict[str, object]] = []

    def pause(instance: Instance) -> None:
        current = oslo_context.get_current()
        assert current is not None
        seen.append(current.to_dict())
        FakeDriver.pause(driver, instance)

    monkeypatch.setattr(driver, "pause", pause)

    settle(manager, older_than=0)

    (context_of_pause,) = seen
    for name, value in (
        ("request_id", asked.request_id),
        ("user_name", "alice"),
        ("project_name", "blue"),
    ):
        assert context_of_pause[name] == value


def test_a_build_does_not_delay_others(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Further rounds during the build do not build it again."""
    paused = new_server(VMState.ACTIVE)
    builds = [
        db.instance_create(context(f"req-{number}"), new_instance(), schedule.rank, 60)
        for number in range(12)
    ]
    copied = threading.Event()
    spawned: list[str] = []

    def spawn(instance: Instance, image: Image) -> None:
        spawned.append(instance.uuid)
        assert copied.wait(30)

    monkeypatch.setattr(driver, "spawn", spawn)
    monkeypatch.setattr(manager.images, "fetch", lambda context, image_id: None)
    settlement = Settlement(manager)
    first = settlement.begin(0)
    assert db.instance_claim(context("req-1"), paused.uuid, instance_actions.PAUSE)
    try:
        for begun in settlement.begin(0):
            begun.result(10)

        after = db.instance_get(paused.uuid)
        assert after is not None
        assert (after.vm_state, after.task_state) == (VMState.PAUSED, None)
    finally:
        copied.set()
    for begun in first:
        begun.result(10)
    settlement.stop()
    assert sorted(spawned) == sorted(server.uuid for server in builds)


def test_waiting_for_guests_does_not_delay_others(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They do not delay each other: all are asked to power off at once."""
    stopping = [
        new_server(
            VMState.ACTIVE,
            TaskState.POWERING_OFF,
            request_id=f"req-{number}",
            started=True,
        )
        for number in range(20)
    ]
    paused = new_server(VMState.ACTIVE, TaskState.PAUSING, request_id="req-p")
    off = threading.Event()
    asked: list[str] = []

    def power_off(instance: Instance, shutdown: Shutdown | None) -> None:
        asked.append(instance.uuid)
        assert off.wait(30)

    def is_paused(server: Instance) -> bool:
        now = db.instance_get(server.uuid)
        return now is not None and now.vm_state is VMState.PAUSED

    monkeypatch.setattr(driver, "power_off", power_off)
    settlement = Settlement(manager)
    begun = settlement.begin(0)
    try:
        wait_until(lambda: len(asked) == len(stopping), 10, "all are asked")
        wait_until(lambda: is_paused(paused), 10, "it is paused")
    finally:
        off.set()
    for each in begun:
        each.result(10)
    settlement.stop()


def test_a_claim_that_only_another_version_knows_is_left_and_logged_once(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sql: sa.Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    unknown = new_server(VMState.ACTIVE, TaskState.PAUSING)
    known = new_server(VMState.ACTIVE, TaskState.PAUSING, request_id="req-2")
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.text("UPDATE instances SET task_state = 'folding' WHERE uuid = :uuid"),
            {"uuid": unknown.uuid},
        )

    with caplog.at_level(logging.WARNING):
        settle(manager, older_than=0)
        settle(manager, older_than=0)

    after = db.instance_get(known.uuid)
    assert after is not None
    assert after.vm_state is VMState.PAUSED
    left = db.instance_get(unknown.uuid)
    assert left is not None
    assert left.task_state == "folding"
    said = [line for line in caplog.messages if "folding" in line]
    assert said == ["Cannot settle folding: this version of minova does not know it"]

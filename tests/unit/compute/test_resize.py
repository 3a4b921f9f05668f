# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A resize on its host: its ends, what a dead process leaves, and the sums."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute.resize_confirm_window import confirm_old
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import compute_nodes, instances
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.migration import MigrationFilter, NewSize
from minova.objects.quota import Amounts, CreateQuota
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import (
    CONFIRM_RESIZE,
    DELETE,
    RESIZE,
    REVERT_RESIZE,
    SOFT_DELETE,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.compute.settling import settle
from tests.unit.conftest import HOST, NewServer, context

OLD = Flavor(flavorid="42", name="m1.nano", memory_mb=128, vcpus=1, root_gb=1)
NEW = Flavor(flavorid="77", name="large", memory_mb=64, vcpus=3, root_gb=2)
_UNLIMITED = Amounts(instances=-1, cores=-1, ram=-1)


class Sums(NamedTuple):
    """CPUs and MiB that the host has allocated, and that count for the quotas."""

    host: tuple[int, int]
    quota: tuple[int, int]


BEFORE = Sums((1, 128), (1, 128))
MEANWHILE = Sums((4, 192), (3, 128))
AFTER = Sums((3, 64), (3, 64))
NOTHING = Sums((0, 0), (0, 0))


def size(flavor: Flavor = NEW, **values: Any) -> NewSize:
    bounds: dict[str, Any] = {
        "quota": CreateQuota(project=_UNLIMITED, user=_UNLIMITED),
        "may_stay": True,
        "down_time": 60,
    }
    return NewSize(flavor=flavor, project_id="demo", user_id="demo", **bounds | values)


def claim(
    db: Database, server: Instance, action: Action, request: str = "req-1"
) -> Any:
    """Claim a server as n-api does."""
    kept: dict[str, Any] = {"flavor": NEW.to_dict()}
    if action is not RESIZE:
        resized = db.migration_unconfirmed(server.uuid)
        assert resized is not None
        state = resized.old_vm_state
        kept = {"flavor": OLD.to_dict(), "vm_state": state}
    wanted = size() if action is RESIZE else None
    taken = db.instance_claim(context(request), server.uuid, action, kept, size=wanted)
    assert taken is not None
    return taken


def perform(manager: ComputeManager, server: Instance, action: Action) -> None:
    request = f"req-{action.name}"
    claim(manager.db, server, action, request)
    getattr(manager, action.rpc_method)(context(request), instance_uuid=server.uuid)


@pytest.fixture
def sums(sql: sa.Engine, db: Database) -> Callable[[], Sums]:
    def read() -> Sums:
        nodes = compute_nodes.c
        with sql.connect() as connection:
            host = connection.execute(
                sa.select(nodes.vcpus_used, nodes.memory_mb_used)
            ).one()
        used = db.quota_usage("demo")
        return Sums(tuple(host), (used.cores, used.ram))

    return read


def _now(db: Database, server: Instance) -> Instance:
    now = db.instance_get(server.uuid)
    assert now is not None
    return now


def _claimed(
    manager: ComputeManager, db: Database, new_server: NewServer, action: Action | None
) -> Instance:
    """Make a server, resize it unless that is the action, and claim it."""
    server = new_server(VMState.ACTIVE)
    if action is not RESIZE:
        perform(manager, server, RESIZE)
    if action is not None:
        claim(db, server, action)
    return server


def _statuses(db: Database) -> list[str]:
    return [each.status for each in db.migration_list(MigrationFilter(equal={}), None)]


@pytest.mark.parametrize("vm_state", [VMState.ACTIVE, VMState.STOPPED])
@pytest.mark.parametrize(
    ("ends", "flavor", "status", "end"),
    [
        (CONFIRM_RESIZE, NEW, "confirmed", AFTER),
        (REVERT_RESIZE, OLD, "reverted", BEFORE),
    ],
    ids=["confirm", "revert"],
)
def test_it_waits_with_both_sizes_and_ends_with_one(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    vm_state: VMState,
    ends: Action,
    flavor: Flavor,
    status: str,
    end: Sums,
) -> None:
    server = new_server(vm_state)
    assert sums() == BEFORE

    perform(manager, server, RESIZE)

    waits = _now(db, server)
    assert (waits.vm_state, waits.task_state) == (VMState.RESIZED, None)
    assert waits.flavor == NEW
    assert sums() == MEANWHILE
    assert _statuses(db) == ["finished"]

    perform(manager, server, ends)

    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (vm_state, None)
    assert after.flavor == flavor
    assert sums() == end
    assert _statuses(db) == [status]
    off = vm_state is VMState.STOPPED
    assert after.power_state is (PowerState.SHUTDOWN if off else PowerState.RUNNING)


def _steps() -> Iterator[Any]:
    for vm_state in (VMState.ACTIVE, VMState.STOPPED):
        for action in (RESIZE, CONFIRM_RESIZE, REVERT_RESIZE):
            for step in (None, *action.task_states):
                yield pytest.param(
                    vm_state, action, step, id=f"{vm_state}-{action.name}-{step}"
                )


@pytest.mark.parametrize(("vm_state", "action", "step"), _steps())
@pytest.mark.parametrize("guest", [PowerState.RUNNING, PowerState.SHUTDOWN])
def test_work_left_by_a_dead_process_is_settled(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sums: Callable[[], Sums],
    vm_state: VMState,
    action: Action,
    step: TaskState | None,
    guest: PowerState,
) -> None:
    server = new_server(vm_state)
    if action is not RESIZE:
        perform(manager, server, RESIZE)
    claim(db, server, action)
    if step is not None:
        assert db.instance_start(server.uuid, "req-1", [action], HOST)
        assert db.instance_move(server.uuid, "req-1", action, step)
    driver._guests[server.uuid].power_state = guest

    settle(manager, older_than=0)

    after = _now(db, server)
    assert after.task_state is None
    assert after.vm_state is (VMState.RESIZED if action is RESIZE else vm_state)
    assert (
        sums()
        == {
            RESIZE: MEANWHILE,
            CONFIRM_RESIZE: AFTER,
            REVERT_RESIZE: BEFORE,
        }[action]
    )
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert {event.result for event in record.events} == {"Success"}
    if action is RESIZE and step in (None, TaskState.RESIZE_PREP):
        assert [event.event for event in record.events] == [
            *("compute_prep_resize", "compute_resize_instance"),
            "compute_finish_resize",
        ]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("no hypervisor today"), exception.CallStillHangs("pause", 30, "it")],
    ids=["breaks", "hangs"],
)
@pytest.mark.parametrize("method", ["migrate_disk", "finish_migration"])
def test_a_failing_hypervisor_leaves_an_error_and_the_old_size(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sums: Callable[[], Sums],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    error: Exception,
) -> None:
    server = new_server(VMState.ACTIVE)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(driver, method, fail)
    with pytest.raises((RuntimeError, exception.HypervisorSilent)):
        perform(manager, server, RESIZE)

    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    assert after.flavor == OLD
    assert sums() == BEFORE
    assert _statuses(db) == ["error"]


@pytest.mark.parametrize("method", ["migrate_disk", "finish_migration"])
def test_a_hypervisor_that_goes_away_is_waited_for(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sums: Callable[[], Sums],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    server = new_server(VMState.ACTIVE)

    def away(*_: object, **__: object) -> None:
        raise exception.HypervisorUnavailable(HOST)

    with monkeypatch.context() as broken:
        broken.setattr(driver, method, away)
        perform(manager, server, RESIZE)
    assert _now(db, server).task_state is not None

    settle(manager, older_than=0)

    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (VMState.RESIZED, None)
    assert sums() == MEANWHILE


def test_a_hypervisor_that_is_away_before_does_no_harm(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sums: Callable[[], Sums],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ACTIVE)

    def away(*_: object, **__: object) -> None:
        raise exception.HypervisorUnavailable(HOST)

    monkeypatch.setattr(driver, "power_off", away)
    with pytest.raises(exception.HypervisorUnavailable):
        perform(manager, server, RESIZE)

    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    assert sums() == BEFORE


def test_a_guest_that_does_not_power_off_is_not_reverted(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    sums: Callable[[], Sums],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ACTIVE)
    perform(manager, server, RESIZE)

    def hang(*_: object, **__: object) -> None:
        raise exception.CallTimedOut("power off", 20)

    with monkeypatch.context() as broken:
        broken.setattr(driver, "power_off", hang)
        with pytest.raises(exception.GuestUnharmed):
            perform(manager, server, REVERT_RESIZE)

    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (VMState.RESIZED, None)
    assert sums() == MEANWHILE
    assert _statuses(db) == ["finished"]


@pytest.mark.parametrize("action", [RESIZE, CONFIRM_RESIZE, REVERT_RESIZE])
def test_a_claim_that_is_given_back_allocates_nothing(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    action: Action,
) -> None:
    server = new_server(VMState.ACTIVE)
    if action is not RESIZE:
        perform(manager, server, RESIZE)
    before = sums(), _now(db, server).flavor

    taken = claim(db, server, action)
    assert db.instance_unclaim(taken)

    assert (sums(), _now(db, server).flavor) == before
    assert _statuses(db) == ["error" if action is RESIZE else "finished"]


@pytest.mark.parametrize("action", [None, RESIZE, CONFIRM_RESIZE, REVERT_RESIZE])
def test_a_delete_gives_both_sizes_back(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    action: Action | None,
) -> None:
    """Also a delete that takes over from a running action."""
    server = _claimed(manager, db, new_server, action)
    if action is not None:
        assert db.instance_start(server.uuid, "req-1", [action], HOST)
        assert db.instance_move(
            server.uuid, "req-1", action, action.task_states[-1], "compute_last"
        )

    assert db.instance_claim(context("req-2"), server.uuid, DELETE)
    manager.terminate_instance(context("req-2"), instance_uuid=server.uuid)

    assert db.instance_get(server.uuid) is None
    assert sums() == NOTHING
    assert _statuses(db) == ["error" if action is RESIZE else "confirmed"]
    if action is not None:
        record = db.action_get(server.uuid, "req-1")
        assert record is not None
        assert [event.result for event in record.events] == ["Success", "Error"]


@pytest.mark.parametrize("delete", [SOFT_DELETE, DELETE], ids=["soft", "now"])
@pytest.mark.parametrize("action", [None, RESIZE, CONFIRM_RESIZE, REVERT_RESIZE])
def test_a_failed_delete_leaves_no_resize_without_an_end(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    action: Action | None,
    delete: Action,
) -> None:
    """Otherwise nobody could confirm or revert it, or resize the server again."""
    server = _claimed(manager, db, new_server, action)

    failure = Failure(fault="broken", details="broken")
    assert db.instance_claim(context("req-2"), server.uuid, delete)
    assert db.instance_start(server.uuid, "req-2", [delete], HOST)
    assert db.instance_fail(server.uuid, "req-2", delete, failure, HOST)

    after = _now(db, server)
    assert after.task_state is None
    if delete is SOFT_DELETE and action is not RESIZE:
        assert (after.vm_state, sums()) == (VMState.RESIZED, MEANWHILE)
        assert _statuses(db) == ["finished"]
        perform(manager, server, REVERT_RESIZE)
        assert sums() == BEFORE
    else:
        assert sums() == (BEFORE if action is RESIZE else AFTER)
        assert _statuses(db) == ["error"]
        db.instance_reset_state(context("req-3"), server.uuid, VMState.ACTIVE)
        claim(db, server, RESIZE, "req-4")


@pytest.mark.parametrize("action", [None, RESIZE, REVERT_RESIZE])
def test_a_reset_leaves_the_size_that_the_server_has(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    action: Action | None,
) -> None:
    server = _claimed(manager, db, new_server, action)

    assert db.instance_reset_state(context("req-2"), server.uuid, VMState.ACTIVE)

    assert _now(db, server).flavor == (OLD if action is RESIZE else NEW)
    assert sums() == (BEFORE if action is RESIZE else AFTER)
    assert _statuses(db) == ["error"]
    claim(db, server, RESIZE, "req-3")


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (size(may_stay=False), exception.NoValidHostForResize),
        (size(Flavor(**NEW.to_dict() | {"vcpus": 33})), exception.NoValidHostForResize),
        (
            size(
                quota=CreateQuota(
                    project=Amounts(instances=1, cores=2, ram=-1), user=_UNLIMITED
                )
            ),
            exception.TooManyInstances,
        ),
        (
            size(
                quota=CreateQuota(
                    project=_UNLIMITED, user=Amounts(instances=0, cores=2, ram=1)
                )
            ),
            exception.TooManyInstances,
        ),
    ],
    ids=["elsewhere only", "no room", "project", "user"],
)
def test_a_resize_without_room_allocates_nothing(
    db: Database,
    new_server: NewServer,
    sums: Callable[[], Sums],
    wanted: NewSize,
    error: type[Exception],
) -> None:
    server = new_server(VMState.ACTIVE)
    kept = {"flavor": wanted.flavor.to_dict()}

    with pytest.raises(error) as raised:
        db.instance_claim(context("req-1"), server.uuid, RESIZE, kept, size=wanted)

    if error is exception.TooManyInstances:
        # Only the increase is checked, even if memory and servers exceed the quota.
        assert str(raised.value) == (
            "Quota exceeded for cores: Requested 2, but already used 1 of 2 cores"
        )
    after = _now(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ACTIVE, None)
    assert sums() == BEFORE
    assert db.action_get(server.uuid, "req-1") is None


def test_an_unconfirmed_resize_is_confirmed_after_its_time(
    manager: ComputeManager,
    db: Database,
    new_server: NewServer,
    sql: sa.Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    server, busy = new_server(VMState.ACTIVE), new_server(VMState.ACTIVE)
    for each in (server, busy):
        claim(db, each, RESIZE)
        manager.prep_resize(context("req-1"), instance_uuid=each.uuid)

    confirm_old(manager, 60)
    assert _now(db, server).vm_state is VMState.RESIZED

    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.text("UPDATE migrations SET updated_at = '2026-01-01 00:00:00'")
        )
        connection.execute(
            sa.update(instances)
            .where(instances.c.uuid == busy.uuid)
            .values(task_state=TaskState.DELETING)
        )
    confirm_old(manager, 60)

    assert _now(db, server).vm_state is VMState.ACTIVE
    assert _now(db, busy).vm_state is VMState.RESIZED
    assert _statuses(db) == ["confirmed", "finished"]
    assert "Found 2 unconfirmed migrations older than 60 seconds" in caplog.messages
    said = [line for line in caplog.messages if "Automatically confirming" in line]
    assert said == [f"Automatically confirming migration 1 for instance {server.uuid}"]
    newest = db.action_list(server.uuid, limit=1)
    assert [each.action for each in newest] == [CONFIRM_RESIZE.name]


def test_a_failed_confirm_does_not_delay_others(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, other = new_server(VMState.ACTIVE), new_server(VMState.ACTIVE)
    for each in (broken, other):
        claim(db, each, RESIZE)
        manager.prep_resize(context("req-1"), instance_uuid=each.uuid)

    def fail_first(instance: Instance) -> None:
        if instance.uuid == broken.uuid:
            raise OSError("the disk is read only")

    monkeypatch.setattr(driver, "confirm_migration", fail_first)
    confirm_old(manager, 0)

    assert _now(db, broken).vm_state is VMState.ERROR
    assert _now(db, other).vm_state is VMState.ACTIVE
    assert _statuses(db) == ["error", "confirmed"]

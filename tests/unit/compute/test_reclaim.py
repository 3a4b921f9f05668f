# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The final delete of soft-deleted servers: when it happens and what delays it."""

import datetime
import logging
from collections.abc import Callable
from typing import NoReturn

import pytest
import sqlalchemy as sa
from oslo_concurrency import lockutils

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute.reclaim import Reclaim
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import RESTORE, SOFT_DELETE
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.compute.settling import settle
from tests.unit.conftest import HOST, NewServer, context

INTERVAL = 3600
Deleted = Callable[[int], Instance]


@pytest.fixture
def deleted(
    manager: ComputeManager, db: Database, sql: sa.Engine, new_server: NewServer
) -> Deleted:
    """Soft-delete a server a given number of seconds ago."""

    def make(age: int) -> Instance:
        server = new_server()
        assert db.instance_claim(context("req-delete"), server.uuid, SOFT_DELETE)
        manager.soft_delete_instance(context("req-delete"), server.uuid)
        _make_older(sql, server, age)
        now = db.instance_get(server.uuid)
        assert now is not None
        assert now.vm_state is VMState.SOFT_DELETED
        return now

    return make


def _make_older(sql: sa.Engine, server: Instance, age: int) -> None:
    with engine.to_write(sql) as connection, connection.begin():
        one = instances.c.uuid == server.uuid
        column = instances.c.deleted_at
        deleted_at = connection.scalar(sa.select(column).where(one))
        assert deleted_at is not None
        connection.execute(
            sa.update(instances)
            .where(one)
            .values(deleted_at=deleted_at - datetime.timedelta(seconds=age))
        )


def _reclaim(manager: ComputeManager, interval: int = INTERVAL) -> None:
    Reclaim(manager, interval).reclaim_queued_deletes()


def _state(db: Database, server: Instance) -> tuple[VMState, TaskState | None] | None:
    now = db.instance_get(server.uuid)
    return None if now is None else (now.vm_state, now.task_state)


def test_a_due_server_is_deleted(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    deleted: Deleted,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old, new = deleted(INTERVAL), deleted(INTERVAL - 60)

    with caplog.at_level(logging.INFO):
        _reclaim(manager)

    assert _state(db, old) is None
    assert driver.get_guest_state(old) is GuestState.GONE
    newest = db.action_list(old.uuid)[0]
    assert (newest.action, newest.project_id) == ("delete", old.project_id)
    record = db.action_get(old.uuid, newest.request_id)
    assert record is not None
    assert [event.result for event in record.events] == ["Success"]
    assert caplog.messages.count("Reclaiming deleted instance") == 1
    assert _state(db, new) == (VMState.SOFT_DELETED, None)


@pytest.mark.parametrize("interval", [0, -1])
def test_without_an_interval_nothing_is_deleted(
    manager: ComputeManager,
    db: Database,
    deleted: Deleted,
    caplog: pytest.LogCaptureFixture,
    interval: int,
) -> None:
    server = deleted(10**6)

    with caplog.at_level(logging.DEBUG):
        _reclaim(manager, interval)

    assert "CONF.reclaim_instance_interval <= 0, skipping..." in caplog.messages
    assert _state(db, server) == (VMState.SOFT_DELETED, None)


@pytest.mark.parametrize("action", [RESTORE, SOFT_DELETE])
def test_a_busy_server_is_left_alone(
    manager: ComputeManager, db: Database, deleted: Deleted, action: object
) -> None:
    server = deleted(INTERVAL)
    assert db.instance_claim(context(), server.uuid, action)  # type: ignore[arg-type]

    _reclaim(manager)

    now = db.instance_get(server.uuid)
    assert now is not None
    assert now.task_state is not TaskState.DELETING


def test_a_server_of_another_host_is_left_alone(
    db: Database, driver: FakeDriver, manager: ComputeManager, deleted: Deleted
) -> None:
    server = deleted(INTERVAL)

    _reclaim(ComputeManager("host-2", db, driver, manager.images))

    assert _state(db, server) == (VMState.SOFT_DELETED, None)


def test_a_server_deleted_again_meanwhile_gets_its_full_time(
    manager: ComputeManager,
    db: Database,
    deleted: Deleted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server was due.  It was restored and deleted again during another reclaim."""
    server = deleted(INTERVAL)
    seen = db.instances_to_reclaim(HOST, INTERVAL)
    for request_id, action in (("req-1", RESTORE), ("req-2", SOFT_DELETE)):
        assert db.instance_claim(context(request_id), server.uuid, action)
        getattr(manager, action.rpc_method)(context(request_id), server.uuid)
    now = [seen, db.instances_to_reclaim(HOST, INTERVAL)]
    monkeypatch.setattr(db, "instances_to_reclaim", lambda *_: now.pop(0))

    _reclaim(manager)

    assert now == []
    assert _state(db, server) == (VMState.SOFT_DELETED, None)


def test_a_failed_server_stays_and_is_tried_again(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    deleted: Deleted,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others are still deleted."""
    bad, good = deleted(INTERVAL), deleted(INTERVAL)
    with monkeypatch.context() as patch:
        destroy = driver.destroy

        def fail(instance: Instance) -> None:
            if instance.uuid == bad.uuid:
                raise RuntimeError("no space to delete it in")
            destroy(instance)

        patch.setattr(driver, "destroy", fail)
        _reclaim(manager)

    said = "Periodic reclaim failed to delete instance: no space to delete it in"
    assert said in caplog.messages
    assert _state(db, bad) == (VMState.SOFT_DELETED, None)
    assert _state(db, good) is None
    _reclaim(manager)
    assert _state(db, bad) is None


def test_a_missing_hypervisor_leaves_no_record(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    deleted: Deleted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = deleted(INTERVAL)
    known = db.action_list(server.uuid)

    def fail(_: Instance) -> NoReturn:
        raise exception.HypervisorUnavailable(HOST)

    monkeypatch.setattr(driver, "get_power_state", fail)

    with pytest.raises(exception.Unavailable):
        _reclaim(manager)

    assert _state(db, server) == (VMState.SOFT_DELETED, None)
    assert db.action_list(server.uuid) == known


def test_a_guest_in_use_is_not_waited_for(
    manager: ComputeManager, db: Database, deleted: Deleted
) -> None:
    server = deleted(INTERVAL)

    with lockutils.internal_lock(server.uuid):
        # The reclaim runs on the thread that holds the guest, so waiting would never
        # end.
        _reclaim(manager)

    assert _state(db, server) == (VMState.SOFT_DELETED, None)


def test_the_next_process_finishes_the_delete_of_a_dead_one(
    manager: ComputeManager,
    db: Database,
    deleted: Deleted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process died between the claim and the guest."""
    server = deleted(INTERVAL)
    with monkeypatch.context() as patch:
        patch.setattr(manager, "terminate_instance", lambda *_: None)
        _reclaim(manager)
    assert _state(db, server) == (VMState.SOFT_DELETED, TaskState.DELETING)

    settle(manager, older_than=0)

    assert _state(db, server) is None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server and its row after a rebuild that fails or is interrupted."""

import contextlib
import dataclasses
import datetime
import pathlib
import shutil
from typing import Any

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute.manager import ComputeManager
from minova.db.api import Database
from minova.db.tables import faults, instances
from minova.images import ImageDirectory
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import (
    DELETE,
    REBUILD,
    RESTORE,
    SOFT_DELETE,
    STOP,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.tick_image import TICK
from tests.unit.compute.settling import settle
from tests.unit.conftest import HOST, NewServer, context

_CHANGES = {
    "image_ref": TICK,
    "image_properties": {"architecture": "x86_64"},
    "display_name": "other",
    "display_description": None,
    "metadata": {"b": "2"},
    "user_data": "YWJj",
    "key_name": None,
    "trusted_certs": ["one"],
}
_ARGUMENTS = {"admin_password": "open sesame", "preserve_ephemeral": False}


class Recording(FakeDriver):
    """Records how guests were made, and fails once if told to."""

    def __init__(self) -> None:
        super().__init__(HOST)
        self.spawned: list[Instance] = []
        self.fails: dict[str, Exception] = {}

    def spawn(self, instance: Instance, image: Image) -> None:
        self._fail("spawn")
        super().spawn(instance, image)
        self.spawned.append(instance)

    def destroy(self, instance: Instance) -> None:
        self._fail("destroy")
        super().destroy(instance)
        self._fail("destroyed")

    def power_off(self, instance: Instance, shutdown: Any = None) -> None:
        self._fail("power_off")
        super().power_off(instance, shutdown)

    def _fail(self, where: str) -> None:
        if error := self.fails.pop(where, None):
            raise error


@pytest.fixture
def driver() -> Recording:
    return Recording()


@pytest.fixture
def images(manager: ComputeManager, image: Image) -> pathlib.Path:
    """The image folder. Without it no image can be loaded."""
    assert isinstance(manager.images, ImageDirectory)
    assert image.kernel is not None
    return image.kernel.parent


def _row(db: Database, server: Instance) -> Instance:
    now = db.instance_get(server.uuid)
    assert now is not None
    return now


def _undated(server: Instance) -> Instance:
    long_ago = datetime.datetime(2001, 1, 1)
    return dataclasses.replace(server, updated_at=long_ago)


def _claim(db: Database, server: Instance, **arguments: Any) -> None:
    arguments = _ARGUMENTS | arguments
    request = context("req-1")
    assert db.instance_claim(request, server.uuid, REBUILD, arguments, _CHANGES)


def _rebuild(manager: ComputeManager, server: Instance) -> None:
    with contextlib.suppress(Exception):
        manager.rebuild_instance(context("req-1"), instance_uuid=server.uuid)


def _results(db: Database, server: Instance) -> list[str | None]:
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    return [event.result for event in record.events]


def test_a_claim_changes_the_server_and_can_be_undone(
    db: Database, new_server: NewServer
) -> None:
    before = new_server(VMState.STOPPED)

    claim = db.instance_claim(
        context("req-1"), before.uuid, REBUILD, _ARGUMENTS, _CHANGES
    )

    claimed = _row(db, before)
    assert claimed.display_name == "other"
    assert claimed.metadata == {"b": "2"}
    assert claimed.claim_arguments is not None
    assert claimed.claim_arguments["admin_password"] == "open sesame"
    assert claim is not None
    assert db.instance_unclaim(claim)
    assert _undated(_row(db, before)) == _undated(before)


@pytest.mark.parametrize("end", ["unclaim", "fail"])
def test_changes_by_a_user_meanwhile_stay(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    end: str,
) -> None:
    """Everything else is as before the rebuild, even each metadata item."""
    server = new_server(VMState.ACTIVE)
    db.instance_update(server.uuid, {"metadata": {"a": "1", "c": "3", "d": "4"}})
    claim = db.instance_claim(
        context("req-1"),
        server.uuid,
        REBUILD,
        _ARGUMENTS,
        _CHANGES | {"metadata": {"b": "2", "d": "4"}},
    )
    users = {"display_name": "mine", "metadata": {"b": "2", "c": "5", "e": "6"}}
    db.instance_update(server.uuid, users)

    if end == "unclaim":
        assert claim is not None
        assert db.instance_unclaim(claim)
    else:
        driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)
        _rebuild(manager, server)

    after = _row(db, server)
    assert after.display_name == "mine"
    assert after.metadata == {"a": "1", "c": "5", "e": "6"}
    expected = dataclasses.replace(
        server, display_name=after.display_name, metadata=after.metadata
    )
    assert _undated(after) == _undated(expected)


def test_a_claim_of_an_earlier_version_can_be_undone(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    sql: sa.Engine,
) -> None:
    """Its arguments do not say what it changed in the row."""
    before = new_server(VMState.ACTIVE)
    _claim(db, before)
    arguments = dict(_row(db, before).claim_arguments or {})
    del arguments["changes"]
    with sql.begin() as connection:
        connection.execute(sa.update(instances).values(claim_arguments=arguments))
    driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, before)

    assert _undated(_row(db, before)) == _undated(before)


def test_a_late_claim_changes_nothing(db: Database, new_server: NewServer) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-2"), server.uuid, STOP)
    before = _row(db, server)

    assert not db.instance_claim(
        context("req-1"), server.uuid, REBUILD, _ARGUMENTS, _CHANGES
    )

    assert _row(db, server) == before


def test_a_rebuild_is_undone_later_if_a_delete_took_over(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    before = new_server(VMState.ACTIVE)
    _claim(db, before)
    delete = db.instance_claim(context("req-2"), before.uuid, DELETE)
    assert delete is not None
    assert db.instance_unclaim(delete)
    driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, before)

    assert _undated(_row(db, before)) == _undated(before)


def test_the_guest_is_made_as_requested_and_the_password_forgotten(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)

    _rebuild(manager, server)

    made = driver.spawned[-1]
    assert made.admin_password == "open sesame"
    assert (made.display_name, made.metadata) == ("other", {"b": "2"})
    after = _row(db, server)
    assert (after.admin_password, after.claim_arguments) == (None, None)
    assert after.launched_at is not None
    assert server.launched_at is not None
    assert after.launched_at > server.launched_at
    assert _results(db, server) == ["Success"]


def test_a_missing_hypervisor_leaves_the_server_unchanged(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, server)

    assert _undated(_row(db, server)) == _undated(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert _results(db, server) == ["Error"]


def test_a_missing_image_leaves_the_server_unchanged(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    images: pathlib.Path,
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    shutil.rmtree(images)

    _rebuild(manager, server)

    assert _undated(_row(db, server)) == _undated(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert _results(db, server) == ["Error"]


def test_a_missing_image_after_the_guest_is_gone_is_an_error(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    images: pathlib.Path,
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    assert db.instance_start(server.uuid, "req-1", [REBUILD], HOST)
    assert db.instance_move(
        server.uuid, "req-1", REBUILD, TaskState.REBUILD_BLOCK_DEVICE_MAPPING
    )
    shutil.rmtree(images)

    settle(manager, older_than=0)

    after = _row(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    # As in Nova, the row keeps the new values.
    assert after.display_name == "other"
    assert after.fault is not None
    assert TICK in after.fault.message
    assert _results(db, server) == ["Error"]


@pytest.mark.parametrize("where", ["destroy", "destroyed", "spawn"])
@pytest.mark.parametrize("vm_state", [VMState.ACTIVE, VMState.STOPPED])
def test_a_hypervisor_that_goes_away_is_asked_again_when_it_is_back(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    vm_state: VMState,
    where: str,
) -> None:
    """The record must not say that nothing was done: the guest may be gone."""
    server = new_server(vm_state)
    _claim(db, server)
    driver.fails[where] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, server)

    assert _row(db, server).task_state is not None
    assert _results(db, server) == [None]
    settle(manager, older_than=0)
    after = _row(db, server)
    assert (after.vm_state, after.task_state) == (vm_state, None)
    assert driver.spawned[-1].admin_password == "open sesame"
    assert _results(db, server) == ["Success"]


def test_a_hanging_call_is_an_error(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    driver.fails["spawn"] = exception.CallStillHangs("start", 3.0, "start")

    _rebuild(manager, server)

    after = _row(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    assert _results(db, server) == ["Error"]


def test_a_new_guest_is_not_made_again(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    """The new guest may have written something."""
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    assert db.instance_start(server.uuid, "req-1", [REBUILD], HOST)
    assert db.instance_move(server.uuid, "req-1", REBUILD, TaskState.REBUILD_SPAWNING)
    made = len(driver.spawned)

    settle(manager, older_than=0)

    assert _results(db, server) == ["Success"]
    assert len(driver.spawned) == made


@pytest.mark.parametrize(
    "step", [TaskState.REBUILDING, TaskState.REBUILD_BLOCK_DEVICE_MAPPING]
)
def test_an_old_guest_is_not_taken_for_a_new_one(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    step: TaskState,
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    assert db.instance_start(server.uuid, "req-1", [REBUILD], HOST)
    assert db.instance_move(server.uuid, "req-1", REBUILD, step)
    made = len(driver.spawned)

    settle(manager, older_than=0)

    assert _results(db, server) == ["Success"]
    assert len(driver.spawned) == made + 1


def test_an_ephemeral_disk_cannot_be_preserved(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    sql: sa.Engine,
) -> None:
    """As in Nova, this is an error, although the guest was left alone."""
    server = new_server(VMState.ACTIVE)
    _claim(db, server, preserve_ephemeral=True)

    _rebuild(manager, server)

    assert _row(db, server).vm_state is VMState.ERROR
    assert driver.get_guest_state(server) is GuestState.RUNNING
    with sql.connect() as connection:
        assert connection.scalars(sa.select(faults.c.message)).all() == [
            "The current driver does not support preserving ephemeral partitions."
        ]


def test_a_guest_that_does_not_start_is_an_error_and_can_be_rebuilt(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.STOPPED)
    _claim(db, server)
    driver.fails["spawn"] = RuntimeError("no room")
    _rebuild(manager, server)
    after = _row(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    assert after.fault is not None

    assert db.instance_claim(
        context("req-2"), server.uuid, REBUILD, _ARGUMENTS, _CHANGES
    )
    manager.rebuild_instance(context("req-2"), instance_uuid=server.uuid)

    after = _row(db, server)
    assert (after.vm_state, after.power_state) == (VMState.ACTIVE, PowerState.RUNNING)


def test_a_restore_completes_a_rebuild_that_a_delete_took_over(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The old guest and its disk were removed, and the new guest was not yet there."""
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    deleting, restoring = context("req-2"), context("req-3")

    def delete_meanwhile(instance: Instance) -> None:
        FakeDriver.destroy(driver, instance)
        assert db.instance_claim(deleting, server.uuid, SOFT_DELETE)

    with monkeypatch.context() as patched:
        patched.setattr(driver, "destroy", delete_meanwhile)
        _rebuild(manager, server)
    manager.soft_delete_instance(deleting, instance_uuid=server.uuid)
    deleted = _row(db, server)
    assert deleted.vm_state is VMState.SOFT_DELETED
    assert deleted.power_state is PowerState.NOSTATE

    assert db.instance_claim(restoring, server.uuid, RESTORE)
    manager.restore_instance(restoring, instance_uuid=server.uuid)

    restored = _row(db, server)
    assert (restored.vm_state, restored.task_state) == (VMState.ACTIVE, None)
    assert restored.power_state is PowerState.RUNNING

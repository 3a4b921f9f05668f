# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a server, and of its row, where a rebuild does not just end well."""

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
from minova.db.rows import faults, instances
from minova.images import ImageDirectory
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import DELETE, REBUILD, STOP
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
    """Knows of what it made guests; fails once, where it is told to."""

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
    """The folder of them; without it, no image can be had."""
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


def test_a_claim_changes_the_server_and_gives_all_of_it_back(
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
def test_what_a_user_changes_meanwhile_stays(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    end: str,
) -> None:
    """All else is as it was before the rebuild, each item of the metadata too."""
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


def test_a_claim_of_an_earlier_version_gives_all_of_it_back(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    sql: sa.Engine,
) -> None:
    """Its arguments do not say what it made of the row."""
    before = new_server(VMState.ACTIVE)
    _claim(db, before)
    arguments = dict(_row(db, before).claim_arguments or {})
    del arguments["changes"]
    with sql.begin() as connection:
        connection.execute(sa.update(instances).values(claim_arguments=arguments))
    driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, before)

    assert _undated(_row(db, before)) == _undated(before)


def test_a_claim_that_comes_too_late_changes_nothing(
    db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-2"), server.uuid, STOP)
    before = _row(db, server)

    assert not db.instance_claim(
        context("req-1"), server.uuid, REBUILD, _ARGUMENTS, _CHANGES
    )

    assert _row(db, server) == before


def test_a_delete_that_took_over_gives_back_what_is_to_be_given_back_later(
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


def test_a_guest_is_made_of_what_was_asked_for_and_the_password_is_forgotten(
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


def test_a_hypervisor_that_is_away_leaves_the_server_all_that_it_was(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    driver.fails["power_off"] = exception.HypervisorUnavailable(HOST)

    _rebuild(manager, server)

    assert _undated(_row(db, server)) == _undated(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert _results(db, server) == ["Error"]


def test_an_image_that_cannot_be_had_leaves_the_server_all_that_it_was(
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


def test_an_image_that_is_gone_when_the_guest_is_gone_is_an_error(
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
    # As in Nova: it is what it was to become.
    assert after.display_name == "other"
    assert after.fault is not None
    assert TICK in after.fault.message
    assert _results(db, server) == ["Error"]


@pytest.mark.parametrize("where", ["destroy", "destroyed", "spawn"])
@pytest.mark.parametrize("vm_state", [VMState.ACTIVE, VMState.STOPPED])
def test_a_hypervisor_that_goes_away_in_the_middle_is_asked_again_when_it_is_back(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    vm_state: VMState,
    where: str,
) -> None:
    """Nobody says that nothing was done, for there may be no guest any more."""
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


def test_a_call_that_hangs_in_the_middle_is_an_error(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    server = new_server(VMState.ACTIVE)
    _claim(db, server)
    driver.fails["spawn"] = exception.CallStillHangs("start", 3.0, "start")

    _rebuild(manager, server)

    after = _row(db, server)
    assert (after.vm_state, after.task_state) == (VMState.ERROR, None)
    assert _results(db, server) == ["Error"]


def test_a_guest_that_was_made_is_not_made_again(
    db: Database, new_server: NewServer, manager: ComputeManager, driver: Recording
) -> None:
    """It may have written something meanwhile."""
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


def test_an_ephemeral_disk_cannot_be_kept(
    db: Database,
    new_server: NewServer,
    manager: ComputeManager,
    driver: Recording,
    sql: sa.Engine,
) -> None:
    """As in Nova: an error, though its guest was left alone."""
    server = new_server(VMState.ACTIVE)
    _claim(db, server, preserve_ephemeral=True)

    _rebuild(manager, server)

    assert _row(db, server).vm_state is VMState.ERROR
    assert driver.get_guest_state(server) is GuestState.RUNNING
    with sql.connect() as connection:
        assert connection.scalars(sa.select(faults.c.message)).all() == [
            "The current driver does not support preserving ephemeral partitions."
        ]


def test_a_guest_that_cannot_be_started_is_an_error_and_may_be_rebuilt(
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

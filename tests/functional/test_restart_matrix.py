# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-cpu does at its start with every possible claim and guest.

This covers each row of the table of actions, from each state, at each step, with the
guest in each possible state. There are hundreds of cases, so they use libvirt's mock.
"""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from minova.compute.manager import ComputeManager
from minova.compute.unfinished import Settlement
from minova.compute_api import schedule
from minova.db import migrate
from minova.db.api import Database
from minova.db.clock import utcnow
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import (
    ALL,
    CONFIRM_RESIZE,
    CREATE,
    DELETE,
    PAUSE,
    REBOOT_HARD,
    REBOOT_SOFT,
    REBUILD,
    RESCUE,
    RESIZE,
    RESTORE,
    RESUME,
    REVERT_RESIZE,
    SOFT_DELETE,
    START,
    STOP,
    SUSPEND,
    UNPAUSE,
    UNRESCUE,
    Action,
)
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState, was_elsewhere
from tests.functional.virt.conftest import NODE
from tests.functional.virt.test_driver_contract import CALLS, GET_THERE, LEADS_TO
from tests.unit.compute import test_resize
from tests.unit.conftest import context, new_instance

_HOST = "host-1"
_CALL = {
    PAUSE: "pause",
    UNPAUSE: "unpause",
    SUSPEND: "suspend",
    RESUME: "resume",
    STOP: "shut down",
    START: "power on",
    REBOOT_SOFT: "soft reboot",
    REBOOT_HARD: "hard reboot",
    RESCUE: "rescue",
    UNRESCUE: "unrescue",
    SOFT_DELETE: "power off",
    RESTORE: "power on",
    REBUILD: "spawn",
}
_RESIZES = (RESIZE, CONFIRM_RESIZE, REVERT_RESIZE)
# Somebody undefined the domain. Its description is kept next to the disk.
_MADE_ANEW = {
    START: GuestState.RUNNING,
    REBOOT_HARD: GuestState.RUNNING,
    RESCUE: GuestState.RESCUED,
    UNRESCUE: GuestState.RUNNING,
    RESTORE: GuestState.RUNNING,
    REBUILD: GuestState.RUNNING,
    STOP: GuestState.GONE,
    SOFT_DELETE: GuestState.GONE,
}

_LAST = REBUILD.task_states[-1]
_STOPPED = VMState.STOPPED


def _found() -> Iterator[Any]:
    for action in ALL:
        if action in (CREATE, DELETE, *_RESIZES):
            continue  # test_restarts_on_qemu has the first two
        guests = [*LEADS_TO[_CALL[action]], GuestState.GONE]
        for vm_state in sorted(action.vm_states):
            for step in (None, *action.task_states):
                if action is REBUILD and step is _LAST and vm_state is not _STOPPED:
                    continue  # a rebuild ends with this step only for a stopped server
                for guest in guests:
                    yield pytest.param(
                        *(action, vm_state, step, guest),
                        id=f"{action.task_state}-{vm_state}-{step}-{guest}",
                    )


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    path = tmp_path_factory.mktemp("db") / "minova.sqlite"
    own = engine.sqlite(sa.make_url(f"sqlite:///{path}"))
    migrate.sync(own)
    yield own
    own.dispose()


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Iterator[Host]:
    node = tmp_path / "node.xml"
    node.write_text(NODE)
    connected = Host(f"test://{node}", _HOST, "mine")
    yield connected
    connected.close()


@pytest.fixture
def image(tmp_path: pathlib.Path) -> Image:
    folder = tmp_path / "images" / "tick"
    folder.mkdir(parents=True)
    for name in ("kernel", "ramdisk"):
        (folder / name).touch()
    (folder / "image.json").write_text(
        '{"id": "8cc68639-c302-441d-9aab-b493b94f7f6e", "name": "minova-tick",'
        ' "min_ram": 64, "min_disk": 0, "created_at": "2026-11-22T20:00:00Z",'
        ' "updated_at": "2026-11-22T20:00:00Z", "kernel": "kernel",'
        ' "ramdisk": "ramdisk", "cmdline": "quiet", "properties": {}}'
    )
    return ImageDirectory(tmp_path / "images").list()[0]


@pytest.fixture
def manager(sql: sa.Engine, host: Host, tmp_path: pathlib.Path) -> ComputeManager:
    driver = LibvirtDriver(host, tmp_path / "instances", "mine", "test")
    db = Database(sql)
    has = Resources(
        vcpus=8,
        memory_mb=8192,
        local_gb=100,
        hypervisor_type="test",
        hypervisor_version=1,
        hypervisor_hostname=_HOST,
    )
    db.service_report(_HOST)
    db.compute_node_update(_HOST, has, vcpus_limit=10**6, memory_mb_limit=10**9)
    return ComputeManager(_HOST, db, driver, ImageDirectory(tmp_path / "images"))


@pytest.mark.parametrize(("action", "vm_state", "step", "guest"), _found())
def test_n_cpu_settles_what_it_finds(
    manager: ComputeManager,
    host: Host,
    sql: sa.Engine,
    image: Image,
    action: Action,
    vm_state: VMState,
    step: TaskState | None,
    guest: GuestState,
) -> None:
    server = _server(manager, sql, image, vm_state)
    if guest is GuestState.GONE:
        domain = host.connection.lookupByUUIDString(server.uuid)
        domain.destroy()
        domain.undefine()
    else:
        CALLS[GET_THERE[guest]](manager.driver, server, image)
    assert manager.driver.get_guest_state(server) is guest
    assert manager.db.instance_claim(context("req-1"), server.uuid, action)
    if step is not None:
        assert manager.db.instance_start(server.uuid, "req-1", [action], _HOST)
        assert manager.db.instance_move(server.uuid, "req-1", action, step)

    settlement = Settlement(manager)
    for begun in settlement.begin(older_than=0):
        begun.result()
    settlement.stop()

    if action is REBUILD:
        result, leaves, ends = _expected_of_rebuild(vm_state)
    else:
        result, leaves, ends = _expected(action, vm_state, step, guest)
    after = manager.db.instance_get(server.uuid)
    assert after is not None
    record = manager.db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == [result]
    assert (after.vm_state, after.task_state) == (leaves, None)
    assert manager.driver.get_guest_state(server) is ends
    assert after.claim_arguments is None
    if result == "Success":
        assert after.power_state is manager.driver.get_power_state(server)


def _resizes() -> Iterator[Any]:
    for action in _RESIZES:
        for former in sorted(RESIZE.vm_states):
            for step in (None, *action.task_states):
                for guest in (GuestState.RUNNING, GuestState.OFF, GuestState.GONE):
                    yield pytest.param(
                        *(action, former, step, guest),
                        id=f"{action.task_state}-{former}-{step}-{guest}",
                    )


@pytest.mark.parametrize(("action", "former", "step", "guest"), _resizes())
def test_n_cpu_settles_a_resize(
    manager: ComputeManager,
    host: Host,
    sql: sa.Engine,
    image: Image,
    action: Action,
    former: VMState,
    step: TaskState | None,
    guest: GuestState,
) -> None:
    """The guest is as the server was before, with the old or the new size."""
    server = _server(manager, sql, image, former)
    if former is VMState.STOPPED:
        manager.driver.power_off(server)
    if action is not RESIZE:
        test_resize.perform(manager, server, RESIZE)
    test_resize.claim(manager.db, server, action)
    if step is not None:
        assert manager.db.instance_start(server.uuid, "req-1", [action], _HOST)
        assert manager.db.instance_move(server.uuid, "req-1", action, step)
    if guest is GuestState.GONE:
        manager.driver.power_off(server)
        host.connection.lookupByUUIDString(server.uuid).undefine()
    else:
        CALLS[GET_THERE[guest]](manager.driver, server, image)

    settlement = Settlement(manager)
    for begun in settlement.begin(older_than=0):
        begun.result()
    settlement.stop()

    after = manager.db.instance_get(server.uuid)
    assert after is not None
    leads_to = VMState.RESIZED if action is RESIZE else former
    assert (after.vm_state, after.task_state) == (leads_to, None)
    assert after.claim_arguments is None
    record = manager.db.action_get(server.uuid, "req-1")
    assert record is not None
    assert {event.result for event in record.events} == {"Success"}
    if action is CONFIRM_RESIZE:
        assert manager.driver.get_guest_state(server) is guest
        return
    domain = host.connection.lookupByUUIDString(server.uuid)
    assert domain.maxMemory() == after.flavor.memory_mb * 1024
    assert after.flavor == (test_resize.NEW if action is RESIZE else test_resize.OLD)
    ends = GuestState.OFF if former is VMState.STOPPED else GuestState.RUNNING
    assert manager.driver.get_guest_state(server) is ends


def _expected(
    action: Action, vm_state: VMState, step: TaskState | None, guest: GuestState
) -> tuple[str, VMState, GuestState]:
    """Return the recorded result, and the final states of server and guest."""
    assert isinstance(action.leads_to, VMState)
    is_there = guest is action.done_when
    if step is not None and is_there:
        if action.is_once_only(step):
            # A guest that was off and now runs shows that the action was done.
            if was_elsewhere(vm_state, action.done_when):
                return "Success", action.leads_to, guest
            return "Error", vm_state, guest
        if action.once_from is None:
            return "Success", action.leads_to, guest
    if guest is GuestState.GONE:
        ends = _MADE_ANEW.get(action)
    else:
        ends = LEADS_TO[_CALL[action]][guest]
    if action is RESUME and guest is GuestState.OFF:
        return "Error", VMState.STOPPED, guest
    if ends is None:
        return "Error", action.failed_vm_state or vm_state, guest
    return "Success", action.leads_to, ends


def _expected_of_rebuild(vm_state: VMState) -> tuple[str, VMState, GuestState]:
    """A rebuild continues from wherever it is found."""
    if vm_state is VMState.STOPPED:
        return "Success", VMState.STOPPED, GuestState.OFF
    return "Success", VMState.ACTIVE, GuestState.RUNNING


def _server(
    manager: ComputeManager, sql: sa.Engine, image: Image, vm_state: VMState
) -> Instance:
    created = manager.db.instance_create(
        context(), new_instance(), schedule.rank, down_time=60
    )
    manager.driver.spawn(created, image)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(instances)
            .where(instances.c.uuid == created.uuid)
            .values(
                vm_state=vm_state,
                task_state=None,
                claim_request_id=None,
                claimed_at=None,
                launched_at=utcnow(),
            )
        )
    server = manager.db.instance_get(created.uuid)
    assert server is not None
    return server

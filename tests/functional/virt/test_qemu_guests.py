# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests that need a real guest: memory, a power button, two disks."""

import dataclasses
import functools
import logging
import os
import pathlib
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute_api import schedule
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine
from minova.images import ImageDirectory
from minova.objects.flavor import Flavor
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance, NewInstance
from minova.virt.driver import RebootType, Shutdown
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import REBUILD
from minova.vocabulary.vm_states import VMState
from tests import boot_sector, private_libvirt, tiny_guests
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import folder_for, wait_until
from tests.unit.conftest import context, new_instance

_BUILD = pathlib.Path(__file__).parents[3] / "devstack" / "build_guest_image.sh"
_GOES_OFF = "minova-tick: powering off"


@pytest.fixture(scope="module")
def libvirt() -> Iterator[PrivateLibvirt]:
    """One libvirtd for all tests. Each test has its own guest."""
    with private_libvirt.running() as running:
        yield running


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def tick(images: pathlib.Path) -> Image:
    """The image, built from packages of the distribution (10 s)."""
    subprocess.run([_BUILD, images / "tick"], check=True, capture_output=True)
    (image,) = ImageDirectory(images).list()
    return image


@pytest.fixture
def deaf(image: Image) -> Image:
    """A guest that ignores its power button."""
    assert image.kernel is not None
    image.kernel.write_bytes(tiny_guests.HALTS)
    return image


@pytest.fixture
def host(libvirt: PrivateLibvirt) -> Iterator[Host]:
    host = Host(libvirt.uri, "host-1", "mine")
    yield host
    host.close()


@pytest.fixture
def instances(libvirt: PrivateLibvirt) -> Iterator[pathlib.Path]:
    with folder_for(private_libvirt.USER) as folder:
        instances = folder / "instances"
        instances.mkdir()
        libvirt.give_group(instances)
        yield instances


@pytest.fixture
def driver(host: Host, instances: pathlib.Path) -> LibvirtDriver:
    driver = LibvirtDriver(host, instances, "mine", "qemu", soft_reboot_timeout=20)
    # Otherwise the driver would not notice that libvirtd went away.
    driver.init_host(lambda _event: None)
    return driver


@pytest.fixture
def impatient(host: Host, instances: pathlib.Path) -> LibvirtDriver:
    """The same driver, which does not wait for a rebooting guest."""
    return LibvirtDriver(host, instances, "mine", "qemu", soft_reboot_timeout=0.5)


@pytest.fixture
def server(server: Instance, driver: LibvirtDriver) -> Iterator[Instance]:
    mine = dataclasses.replace(server, uuid=uuidutils.generate_uuid())
    yield mine
    driver.destroy(mine)


def _console(driver: LibvirtDriver, server: Instance) -> list[str]:
    return (driver.get_console_output(server) or "").splitlines()


def _ticks(driver: LibvirtDriver, server: Instance) -> list[int]:
    lines = [line.split() for line in _console(driver, server)]
    return [int(line[1]) for line in lines if line[:1] == ["tick"] and len(line) == 2]


def _ticks_to(driver: LibvirtDriver, server: Instance, tick: int) -> None:
    wait_until(
        lambda: _ticks(driver, server)[-1:] >= [tick], 60, f"it has ticked {tick} times"
    )


def _starts(driver: LibvirtDriver, server: Instance) -> int:
    return _console(driver, server).count("minova-tick: booted")


def _boots(driver: LibvirtDriver, server: Instance, times: int) -> None:
    wait_until(
        lambda: _starts(driver, server) == times, 60, f"it has booted {times} times"
    )
    wait_until(lambda: _ticks(driver, server)[-1:] < [4], 10, "it counts anew")


def _says(driver: LibvirtDriver, server: Instance, text: str) -> None:
    wait_until(lambda: text in _console(driver, server), 30, f"it says {text}")


def _shutdown(timeout: float, retry_interval: float = 10) -> Shutdown:
    return Shutdown(
        timeout=timeout, retry_interval=retry_interval, is_wanted=lambda: True
    )


def test_a_suspended_guest_resumes_where_it_was(
    driver: LibvirtDriver, libvirt: PrivateLibvirt, server: Instance, tick: Image
) -> None:
    """Even if libvirtd restarts. A reboot discards the saved memory."""
    driver.spawn(server, tick)
    _ticks_to(driver, server, 3)

    driver.suspend(server)
    assert driver.get_guest_state(server) is GuestState.SAVED
    libvirt.restart()
    assert driver.get_guest_state(server) is GuestState.SAVED
    stood = _ticks(driver, server)[-1]
    driver.resume(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING

    _ticks_to(driver, server, stood + 2)
    assert _ticks(driver, server) == list(range(1, _ticks(driver, server)[-1] + 1))
    assert _starts(driver, server) == 1

    driver.suspend(server)
    driver.reboot(server, RebootType.HARD, lambda: True)
    _boots(driver, server, 2)
    assert _GOES_OFF not in _console(driver, server)


@pytest.mark.parametrize("how", ["removed", "deleted", "empty", "half written"])
@pytest.mark.parametrize("then", ["is seen", "boots", "is destroyed"])
def test_lost_memory_is_not_taken_for_saved_memory(
    driver: LibvirtDriver,
    libvirt: PrivateLibvirt,
    server: Instance,
    deaf: Image,
    how: str,
    then: str,
) -> None:
    """On its own, libvirt would boot such a guest without a word."""
    driver.spawn(server, deaf)
    driver.suspend(server)
    assert driver.get_guest_state(server) is GuestState.SAVED
    file = libvirt.saved_memory(server.uuid)
    match how:
        case "removed":
            libvirt.virsh("managedsave-remove", server.uuid)
        case "deleted":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "half written":
            # libvirt marks the file like this until it is complete.
            file.write_bytes(file.read_bytes().replace(b"QemudSave", b"QemudPart", 1))

    match then:
        case "is seen":
            with pytest.raises(exception.SavedMemoryGone):
                driver.resume(server)
            assert driver.get_guest_state(server) is GuestState.OFF
        case "boots":
            driver.power_on(server)
            assert driver.get_guest_state(server) is GuestState.RUNNING
            driver.power_off(server)
            assert driver.get_guest_state(server) is GuestState.OFF
        case "is destroyed":
            driver.destroy(server)
            assert driver.get_guest_state(server) is GuestState.GONE
            assert not file.exists()


def test_memory_that_was_read_does_not_count_as_saved(
    driver: LibvirtDriver, libvirt: PrivateLibvirt, server: Instance, deaf: Image
) -> None:
    """The file stays if libvirtd dies before it removes it."""
    driver.spawn(server, deaf)
    driver.suspend(server)
    file = libvirt.saved_memory(server.uuid)
    memory = file.read_bytes()
    driver.resume(server)
    assert not file.exists()
    file.write_bytes(memory)
    libvirt.restart()
    # Settling asks whether the resume was done.
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert not file.exists()

    libvirt.kill_guest(server.uuid)
    wait_until(lambda: libvirt.state(server.uuid) == "shut off", 10, "it is off")

    assert driver.get_guest_state(server) is GuestState.OFF
    driver.power_on(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert not file.exists()


def test_a_guest_that_crashed_after_saving_is_suspended(
    driver: LibvirtDriver, libvirt: PrivateLibvirt, server: Instance, deaf: Image
) -> None:
    """First libvirtd died during the suspend, then QEMU. The file is complete."""
    driver.spawn(server, deaf)
    driver.suspend(server)
    file = libvirt.saved_memory(server.uuid)
    memory = file.read_bytes()
    driver.resume(server)
    guest = libvirt.guest_pid(server.uuid)
    libvirt.kill()
    os.kill(guest, signal.SIGKILL)
    file.write_bytes(memory)
    libvirt.start()
    assert "crashed" in libvirt.virsh("domstate", "--reason", server.uuid)

    assert driver.get_guest_state(server) is GuestState.SAVED
    driver.resume(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    assert not file.exists()


def test_a_guest_powers_itself_off(
    driver: LibvirtDriver,
    server: Instance,
    tick: Image,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """For a reboot, it is started again."""
    caplog.set_level(logging.INFO, "minova.virt.libvirt.driver")
    driver.spawn(server, tick)
    _ticks_to(driver, server, 1)

    driver.reboot(server, RebootType.SOFT, lambda: True)
    assert _console(driver, server).count(_GOES_OFF) == 1
    assert driver.get_guest_state(server) is GuestState.RUNNING
    _boots(driver, server, 2)
    _ticks_to(driver, server, 1)
    caplog.clear()

    driver.power_off(server, _shutdown(20))
    assert driver.get_guest_state(server) is GuestState.OFF
    assert _console(driver, server).count(_GOES_OFF) == 2
    first, second = caplog.messages
    assert first.startswith("Instance shutdown successfully after ")
    assert second == "Instance destroyed successfully."


class TestDeafGuests:
    def test_its_power_is_cut_after_the_timeout(
        self,
        driver: LibvirtDriver,
        libvirt: PrivateLibvirt,
        server: Instance,
        deaf: Image,
    ) -> None:
        """It was asked at once, and again after each interval."""
        driver.spawn(server, deaf)
        watch = ("qemu-monitor-event", server.uuid, "--event", "POWERDOWN", "--loop")
        told: list[str] = []
        watching = threading.Thread(
            target=lambda: told.append(libvirt.virsh(*watch, "--timeout", "3"))
        )
        watching.start()
        time.sleep(0.5)  # until virsh listens
        began = time.monotonic()

        driver.power_off(server, _shutdown(1.5, retry_interval=1))

        assert 1.5 <= time.monotonic() - began < 8
        assert driver.get_guest_state(server) is GuestState.OFF
        watching.join(20)
        assert told[0].count("POWERDOWN") == 2

    def test_a_soft_reboot_becomes_a_hard_one(
        self,
        impatient: LibvirtDriver,
        libvirt: PrivateLibvirt,
        server: Instance,
        deaf: Image,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.INFO, "minova.virt.libvirt.driver")
        impatient.spawn(server, deaf)
        before = libvirt.guest_pid(server.uuid)
        caplog.clear()

        impatient.reboot(server, RebootType.SOFT, lambda: True)

        assert libvirt.guest_pid(server.uuid) != before
        assert caplog.messages == [
            "Failed to soft reboot instance. Trying hard reboot.",
            "Instance destroyed successfully.",
            "Instance rebooted successfully.",
        ]

    def test_a_wait_ends_when_it_is_no_longer_wanted(
        self, driver: LibvirtDriver, server: Instance, deaf: Image
    ) -> None:
        driver.spawn(server, deaf)
        asked: list[float] = []

        def is_wanted() -> bool:
            # Meanwhile others may use the guest.
            assert driver.get_guest_state(server) is GuestState.RUNNING
            asked.append(time.monotonic())
            return len(asked) < 2

        shutdown = Shutdown(timeout=60, retry_interval=10, is_wanted=is_wanted)
        waits = (
            functools.partial(driver.power_off, server, shutdown),
            functools.partial(driver.reboot, server, RebootType.SOFT, is_wanted),
        )
        for wait in waits:
            asked.clear()
            with pytest.raises(exception.TaskPreempted):
                wait()
            assert time.monotonic() - asked[-1] < 0.5
            assert asked[-1] - asked[0] < 2
            assert driver.get_guest_state(server) is GuestState.RUNNING

    def test_a_libvirtd_that_dies_during_the_wait_leaves_the_outcome_open(
        self,
        driver: LibvirtDriver,
        libvirt: PrivateLibvirt,
        server: Instance,
        deaf: Image,
    ) -> None:
        """The guest was already asked, so it is wrong that nothing was done."""
        driver.spawn(server, deaf)

        def is_wanted() -> bool:
            libvirt.kill()
            return True

        shutdown = Shutdown(timeout=60, retry_interval=10, is_wanted=is_wanted)
        try:
            with pytest.raises(exception.HypervisorLost):
                driver.power_off(server, shutdown)
        finally:
            libvirt.start()
        driver.power_off(server)
        assert driver.get_guest_state(server) is GuestState.OFF


def test_a_rescue_also_has_the_guests_own_disk(
    driver: LibvirtDriver,
    libvirt: PrivateLibvirt,
    server: Instance,
    images: pathlib.Path,
    instances: pathlib.Path,
) -> None:
    """The restored guest reads what the rescue wrote there."""
    own, rescue = (uuidutils.generate_uuid() for _ in range(2))
    boot_sector.put_image(images, own, boot_sector.disk("own system"))
    # The BIOS does not boot a 512-byte disk, and a rescue disk is not enlarged.
    content = boot_sector.disk("here is the rescue").ljust(1 << 20, b"\0")
    boot_sector.put_image(images, rescue, content)
    source = ImageDirectory(images)
    driver.spawn(server, source.get(None, own))
    _says(driver, server, "own system")

    for _ in range(2):
        driver.rescue(server, source.get(None, rescue), None)
        assert driver.get_guest_state(server) is GuestState.RESCUED
    _says(driver, server, "here is the rescue")
    # A real system knows disks that the BIOS does not: the BIOS lists only bootable
    # ones.
    offset = boot_sector.disk("own system").index(b"own")
    second = "/machine/peripheral/virtio-disk1/virtio-backend"
    write = f'qemu-io -d {second} "write -P {ord("X")} {offset} 1"'
    libvirt.virsh("qemu-monitor-command", server.uuid, "--hmp", write)

    driver.unrescue(server)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    _says(driver, server, "Xwn system")
    assert not list(instances.glob("*/*rescue*"))


def test_a_resized_guest_keeps_its_disk_and_a_revert_restores_it(
    driver: LibvirtDriver,
    libvirt: PrivateLibvirt,
    server: Instance,
    images: pathlib.Path,
    instances: pathlib.Path,
) -> None:
    own = uuidutils.generate_uuid()
    boot_sector.put_image(images, own, boot_sector.disk("own system"))
    large = Flavor(flavorid="77", name="large", memory_mb=160, vcpus=2, root_gb=2)
    offset = boot_sector.disk("own system").index(b"own")

    def writes(letter: str) -> None:
        disk = "/machine/peripheral/virtio-disk0/virtio-backend"
        write = f'qemu-io -d {disk} "write -P {ord(letter)} {offset} 1"'
        libvirt.virsh("qemu-monitor-command", server.uuid, "--hmp", write)

    def size() -> tuple[int, int, int]:
        domain = driver._host.connection.lookupByUUIDString(server.uuid)
        return domain.maxMemory() // 1024, domain.maxVcpus(), domain.blockInfo("vda")[0]

    driver.spawn(server, ImageDirectory(images).get(None, own))
    _says(driver, server, "own system")
    writes("A")

    driver.power_off(server)
    for _ in range(2):
        driver.migrate_disk(server, large)
    for _ in range(2):
        driver.finish_migration(server, large, power_on=True)
    _says(driver, server, "Awn system")
    assert size() == (160, 2, 2 << 30)
    writes("B")
    driver.reboot(server, RebootType.HARD, lambda: True)
    _says(driver, server, "Bwn system")
    before = len(_console(driver, server))

    driver.power_off(server)
    for _ in range(2):
        driver.finish_revert_migration(server, server.flavor, power_on=True)
    wait_until(
        lambda: "Awn system" in _console(driver, server)[before:], 30, "it is back"
    )
    assert size() == (128, 1, 1 << 30)

    driver.power_off(server)
    driver.migrate_disk(server, large)
    assert list(instances.glob("*/disk.resize"))
    driver.confirm_migration(server)
    assert not list(instances.glob("*/disk.resize*"))
    driver.power_on(server)
    assert size()[2] == 2 << 30


class TestRebuiltGuests:
    @pytest.fixture
    def db(self, tmp_path: pathlib.Path) -> Iterator[Database]:
        own = engine.sqlite(sa.make_url(f"sqlite:///{tmp_path}/minova.sqlite"))
        migrate.sync(own)
        db = Database(own)
        has = Resources(
            vcpus=8,
            memory_mb=8192,
            local_gb=100,
            hypervisor_type="QEMU",
            hypervisor_version=1,
            hypervisor_hostname="host-1",
        )
        db.service_report("host-1")
        db.compute_node_update("host-1", has, vcpus_limit=8, memory_mb_limit=8192)
        yield db
        own.dispose()

    @pytest.fixture
    def manager(
        self, db: Database, driver: LibvirtDriver, images: pathlib.Path
    ) -> ComputeManager:
        source = ImageDirectory(images)
        return ComputeManager("host-1", db, driver, source, shutdown_timeout=2)

    def build(self, manager: ComputeManager, new: NewInstance) -> Instance:
        manager.db.instance_create(context("req-1"), new, schedule.rank, 60)
        manager.build_and_run_instance(context("req-1"), instance_uuid=new.uuid)
        return self.now(manager, new.uuid)

    def rebuild(
        self, manager: ComputeManager, server: Instance, **changes: str
    ) -> Instance:
        request = context()
        assert manager.db.instance_claim(request, server.uuid, REBUILD, {}, changes)
        manager.rebuild_instance(request, instance_uuid=server.uuid)
        return self.now(manager, server.uuid)

    def now(self, manager: ComputeManager, uuid: str) -> Instance:
        found = manager.db.instance_get(uuid)
        assert found is not None
        return found

    def test_the_counter_restarts_and_the_address_is_kept(
        self,
        manager: ComputeManager,
        driver: LibvirtDriver,
        server: Instance,
        tick: Image,
    ) -> None:
        new = dataclasses.replace(
            new_instance(), uuid=server.uuid, image_ref=tick.id, config_drive=True
        )
        before = self.build(manager, new)
        _says(driver, before, "minova-tick: name one")
        _ticks_to(driver, before, 3)

        after = self.rebuild(manager, before, display_name="other")

        assert after.vm_state is VMState.ACTIVE
        assert after.network_info == before.network_info
        _ticks_to(driver, after, 2)
        assert (_starts(driver, after), _ticks(driver, after)[0]) == (1, 1)
        _says(driver, after, "minova-tick: name other")
        _says(driver, after, f"minova-tick: uuid {server.uuid}")
        assert before.network_info
        _says(
            driver, after, f"minova-tick: address {before.network_info[0]['address']}"
        )

    def test_everything_that_was_written_is_gone(
        self,
        manager: ComputeManager,
        driver: LibvirtDriver,
        libvirt: PrivateLibvirt,
        server: Instance,
        images: pathlib.Path,
    ) -> None:
        first, second = (uuidutils.generate_uuid() for _ in range(2))
        boot_sector.put_image(images, first, boot_sector.disk("first system"))
        boot_sector.put_image(images, second, boot_sector.disk("second system"))
        new = dataclasses.replace(new_instance(), uuid=server.uuid, image_ref=first)
        built = self.build(manager, new)
        _says(driver, built, "first system")
        offset = boot_sector.disk("first system").index(b"first")
        disk = "/machine/peripheral/virtio-disk0/virtio-backend"
        write = f'qemu-io -d {disk} "write -P {ord("X")} {offset} 1"'
        libvirt.virsh("qemu-monitor-command", server.uuid, "--hmp", write)

        self.rebuild(manager, built, image_ref=second)
        _says(driver, built, "second system")
        manager.driver.power_off(built)
        self.rebuild(manager, built, image_ref=first)
        _says(driver, built, "first system")

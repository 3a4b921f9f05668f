# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The arm64 tick guest, run as a host of that architecture would run it."""

import dataclasses
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

from minova.images import ImageDirectory
from minova.objects import network
from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.files import Files
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState
from tests import private_libvirt
from tests.cluster import poll
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import folder_for, wait_until

_BUILD = pathlib.Path(__file__).parents[3] / "devstack" / "build_guest_image.sh"


class Arm64Host(Host):
    """Everything of a host except its processor: QEMU emulates every architecture."""

    arch = "aarch64"


@pytest.fixture
def tick(tmp_path: pathlib.Path) -> Image:
    """The image, built from packages of the distribution (40 s)."""
    images = tmp_path / "images"
    subprocess.run(
        [_BUILD, "--arch", "arm64", images / "tick"], check=True, capture_output=True
    )
    (image,) = ImageDirectory(images).list()
    return image


@pytest.fixture
def driver(libvirt: PrivateLibvirt) -> Iterator[LibvirtDriver]:
    with folder_for(private_libvirt.USER) as folder:
        instances = folder / "instances"
        instances.mkdir()
        libvirt.give_group(instances)
        host = Arm64Host(libvirt.uri, "host-1", "mine")
        driver = LibvirtDriver(host, instances, "mine", "qemu")
        yield driver
        driver.close()


def ticks(driver: LibvirtDriver, server: Instance) -> int:
    """Return how far the guest has counted."""
    lines = (driver.get_console_output(server) or "").splitlines()
    counted = [line.split()[1] for line in lines if line.startswith("tick ")]
    return int(counted[-1]) if counted else 0


def is_off(driver: LibvirtDriver, server: Instance) -> bool:
    return driver.get_power_state(server) is PowerState.SHUTDOWN


def test_it_ticks_pauses_and_powers_off(
    driver: LibvirtDriver, libvirt: PrivateLibvirt, server: Instance, tick: Image
) -> None:
    guest = dataclasses.replace(
        server,
        flavor=Flavor(flavorid="1", name="tiny", memory_mb=256, vcpus=1, root_gb=1),
        config_drive=True,
        network_info=[network.nic(5)],
    )
    driver.spawn(guest, tick)
    wait_until(lambda: ticks(driver, guest) >= 3, 60, "three ticks")
    driver.pause(guest)
    stood = ticks(driver, guest)
    for _ in poll(3):
        assert ticks(driver, guest) == stood
    assert driver.get_power_state(guest) is PowerState.PAUSED
    driver.unpause(guest)
    wait_until(lambda: ticks(driver, guest) > stood, 10, "one tick more")
    console = driver.get_console_output(guest) or ""
    assert f"minova-tick: uuid {guest.uuid}" in console
    assert "minova-tick: address 10.0.5.15" in console

    libvirt.virsh("shutdown", guest.uuid)
    wait_until(lambda: is_off(driver, guest), 30, "powered off by its power button")
    driver.spawn(guest, tick)
    assert driver.get_power_state(guest) is PowerState.RUNNING
    driver.power_off(guest)
    assert is_off(driver, guest)
    driver.destroy(guest)


@pytest.fixture
def disk(image: Image, tmp_path: pathlib.Path) -> Image:
    """An empty disk, on which UEFI looks for something to boot."""
    disk = tmp_path / "disk.raw"
    with disk.open("wb") as file:
        file.truncate(1 << 20)
    return dataclasses.replace(
        image, kernel=None, ramdisk=None, cmdline="", disk=disk, disk_format="raw"
    )


@pytest.fixture
def kernel(image: Image) -> Image:
    """A file that QEMU accepts as a kernel."""
    assert image.kernel is not None
    image.kernel.write_bytes(bytes(4096))
    return dataclasses.replace(image, ramdisk=None)


@pytest.fixture
def _libvirts_too(libvirt: PrivateLibvirt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libvirt write to the folders of guests, because it is not root here."""
    create = Files.create

    def create_and_share(files: Files, instance: Instance, image: Image) -> None:
        create(files, instance, image)
        libvirt.give_group(files.folder_of(instance))

    monkeypatch.setattr(Files, "create", create_and_share)


@pytest.mark.usefixtures("_libvirts_too")
@pytest.mark.parametrize("ends", ["rescued", "unrescued"])
@pytest.mark.parametrize("own", ["disk", "kernel"])
def test_no_firmware_variables_of_a_disk_are_left(
    driver: LibvirtDriver,
    libvirt: PrivateLibvirt,
    server: Instance,
    disk: Image,
    kernel: Image,
    own: str,
    ends: str,
) -> None:
    """The server's own system or its rescue system may have the disk."""
    image, other = (disk, kernel) if own == "disk" else (kernel, disk)
    driver.spawn(server, image)
    assert driver.get_guest_state(server) is GuestState.RUNNING
    driver.rescue(server, other, None)
    assert driver.get_guest_state(server) is GuestState.RESCUED
    if ends == "unrescued":
        driver.unrescue(server)
        assert driver.get_guest_state(server) is GuestState.RUNNING

    driver.destroy(server)

    assert libvirt.firmware_variables() == []

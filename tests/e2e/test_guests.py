# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Config drives, networks and disks on the running stack, as guests see them."""

import pathlib
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import boot_sector
from tests.e2e.conftest import Stack, virsh
from tests.real_servers import wait_until


def _create(stack: Stack, **values: Any) -> str:
    server = {"name": "guest", "flavorRef": "42"} | values
    answer = stack.ask("POST", "/servers", {"server": server})
    assert answer.status_code == 202, answer.text
    server_id: str = answer.json()["server"]["id"]
    return server_id


def _says(stack: Stack, server_id: str, text: str, times: int = 1) -> None:
    wait_until(
        lambda: stack.console(server_id).count(text) >= times, 90, f"it says {text!r}"
    )


def _folder(stack: Stack, server_id: str) -> pathlib.Path:
    return stack.data_dir / "instances" / server_id


@pytest.fixture(scope="module")
def guest(stack: Stack) -> Iterator[str]:
    """A minova-tick with all options."""
    server_id = _create(
        stack,
        name='the "guest"',
        imageRef=stack.image_id(),
        config_drive=True,
        user_data="IyEvYmluL3NoCg==",
        adminPass="S3cretS3cret",
    )
    stack.wait_for(server_id, "ACTIVE")
    yield server_id
    stack.delete(server_id)


def test_a_guest_knows_its_name_and_keys(stack: Stack, guest: str) -> None:
    _says(stack, guest, 'minova-tick: name the \\"guest\\"')
    _says(stack, guest, f"minova-tick: uuid {guest}")
    assert stack.show(guest)["config_drive"] == "True"


def test_a_guest_gets_the_address_that_the_api_shows(stack: Stack, guest: str) -> None:
    (nic,) = stack.show(guest)["addresses"]["private"]

    assert nic["version"] == 4
    _says(stack, guest, f"minova-tick: address {nic['addr']}")


def test_only_the_guest_can_read_its_password(stack: Stack, guest: str) -> None:
    drive = _folder(stack, guest) / "disk.config"

    assert drive.stat().st_mode & 0o007 == 0
    # libvirt gave the file to QEMU's user, so minova's users cannot read it.
    assert drive.owner() == "libvirt-qemu"
    assert "S3cret" not in virsh("dumpxml", guest)
    for log in stack.logs.glob("*.log"):
        assert b"S3cret" not in log.read_bytes(), log


def test_without_a_network(stack: Stack) -> None:
    """No NIC, no address, and no config drive that nobody asked for."""
    answer = stack.ask(
        "POST",
        "/servers",
        {
            "server": {
                "name": "alone",
                "imageRef": stack.image_id(),
                "flavorRef": "42",
                "networks": "none",
            }
        },
        version="2.37",
    )
    assert answer.status_code == 202, answer.text
    server_id = answer.json()["server"]["id"]
    stack.wait_for(server_id, "ACTIVE")

    description = virsh("dumpxml", server_id)

    assert stack.show(server_id)["addresses"] == {}
    assert "<interface" not in description
    assert "<disk" not in description
    stack.delete(server_id)


@pytest.mark.parametrize("disk_format", ["raw", "qcow2"])
def test_a_disk(stack: Stack, tmp_path: pathlib.Path, disk_format: str) -> None:
    """It boots, is stopped and started, whichever owner libvirt gives it."""
    content = boot_sector.disk("here is the disk")
    if disk_format == "qcow2":
        content = boot_sector.to_qcow2(content, tmp_path)
    image_id = str(uuid.uuid4())
    images = stack.data_dir / "images"
    image = boot_sector.put_image(images, image_id, content, disk_format)

    server_id = _create(stack, imageRef=image_id)
    stack.wait_for(server_id, "ACTIVE")
    _says(stack, server_id, "here is the disk", 2)
    folder = _folder(stack, server_id)
    assert (folder / "disk").owner() == "libvirt-qemu"
    # The base image is shared, so no single guest owns it.
    base = folder.parent / "_base" / (folder / "disk.base").read_text()
    assert base.owner() == "minova-compute"
    assert image.owner() == "root"

    # The guest changed during its creation, so n-cpu checks it again. Wait for that, or
    # the check would find it off. n-cpu handles a stop 15 s later, when it runs again.
    time.sleep(7)
    virsh("destroy", server_id)
    virsh("start", server_id)
    seen = stack.console(server_id).count("here is the disk")
    _says(stack, server_id, "here is the disk", seen + 2)

    stack.delete(server_id)
    assert not folder.exists()


def test_a_damaged_disk(stack: Stack, tmp_path: pathlib.Path) -> None:
    content = bytearray(boot_sector.to_qcow2(boot_sector.disk("x"), tmp_path))
    first_table = int.from_bytes(content[40:48], "big")
    content[first_table : first_table + 8] = b"\xff" * 8
    image_id = str(uuid.uuid4())
    boot_sector.put_image(stack.data_dir / "images", image_id, bytes(content), "qcow2")

    server_id = _create(stack, imageRef=image_id)
    stack.wait_for(server_id, "ERROR")

    message = stack.show(server_id)["fault"]["message"]
    assert f"aborted: Image {image_id} is unacceptable: " in message
    assert str(stack.data_dir) not in message
    stack.delete(server_id)

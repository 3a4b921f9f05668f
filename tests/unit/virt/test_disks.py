# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real qemu-img: disks that may boot, disks that are refused, and what is left."""

import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from oslo_concurrency import lockutils

from minova import exception
from minova.images import ImageDirectory
from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.virt.libvirt.disks import Disks
from tests import boot_sector

_NANO = Flavor(flavorid="42", name="nano", memory_mb=128, vcpus=1, root_gb=1)
_ID = "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11"
_CONTENT = boot_sector.disk("tick")

NewImage = Callable[..., Image]


@pytest.fixture
def new_image(tmp_path: pathlib.Path) -> NewImage:
    (tmp_path / "images").mkdir()

    def make(content: bytes, disk_format: str) -> Image:
        boot_sector.put_image(tmp_path / "images", _ID, content, disk_format)
        return ImageDirectory(tmp_path / "images").get(None, _ID)

    return make


@pytest.fixture
def disks(tmp_path: pathlib.Path) -> Disks:
    (tmp_path / "instances" / "one").mkdir(parents=True)
    return Disks(tmp_path / "instances")


@pytest.fixture
def folder(tmp_path: pathlib.Path, disks: Disks) -> pathlib.Path:
    return tmp_path / "instances" / "one"


def _chain(overlay: pathlib.Path) -> list[dict[str, object]]:
    command = ("qemu-img", "info", "--output=json", "--backing-chain", str(overlay))
    chain: list[dict[str, object]] = json.loads(subprocess.check_output(command))
    return chain


@pytest.mark.parametrize("disk_format", ["raw", "qcow2"])
def test_an_overlay_over_a_raw_copy(
    disks: Disks,
    folder: pathlib.Path,
    new_image: NewImage,
    tmp_path: pathlib.Path,
    disk_format: str,
) -> None:
    content = _CONTENT
    if disk_format == "qcow2":
        content = boot_sector.to_qcow2(_CONTENT, tmp_path)

    disks.create(folder, new_image(content, disk_format), _NANO)

    overlay, base = _chain(folder / "disk")
    assert (overlay["format"], overlay["virtual-size"]) == ("qcow2", 1024**3)
    assert overlay["backing-filename-format"] == "raw"
    assert base["filename"] == str(disks.base_of(folder))
    assert disks.base_of(folder).read_bytes() == _CONTENT


def test_without_a_disk_in_the_flavor_it_has_the_images_size(
    disks: Disks, folder: pathlib.Path, new_image: NewImage
) -> None:
    flavor = Flavor(flavorid="0", name="zero", memory_mb=128, vcpus=1, root_gb=0)

    disks.create(folder, new_image(_CONTENT, "raw"), flavor)

    assert _chain(folder / "disk")[0]["virtual-size"] == len(_CONTENT)


def test_a_raw_disk_stays_raw_with_any_content(
    disks: Disks, folder: pathlib.Path, new_image: NewImage, tmp_path: pathlib.Path
) -> None:
    """A header that asks for /etc/passwd is content like any other."""
    evil = boot_sector.to_qcow2(_CONTENT, tmp_path)
    _rebase(tmp_path / "converted.qcow2", "/etc/passwd")
    evil = (tmp_path / "converted.qcow2").read_bytes()

    disks.create(folder, new_image(evil, "raw"), _NANO)

    assert disks.base_of(folder).read_bytes()[: len(evil)] == evil
    _overlay, base = _chain(folder / "disk")
    assert base["format"] == "raw"
    assert "backing-filename" not in base


def _rebase(disk: pathlib.Path, to: str) -> None:
    command = ("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", to, disk)
    subprocess.run(command, check=True)


def _backed(folder: pathlib.Path) -> bytes:
    boot_sector.to_qcow2(_CONTENT, folder)
    _rebase(folder / "converted.qcow2", "/etc/passwd")
    return (folder / "converted.qcow2").read_bytes()


def _with_data_file(folder: pathlib.Path) -> bytes:
    option = f"data_file={folder / 'data'},data_file_raw=on"
    return boot_sector.to_qcow2(_CONTENT, folder, "-o", option)


def _corrupt(folder: pathlib.Path) -> bytes:
    content = bytearray(boot_sector.to_qcow2(_CONTENT, folder))
    content[79] |= 2
    return bytes(content)


def _with_broken_tables(folder: pathlib.Path) -> bytes:
    content = bytearray(boot_sector.to_qcow2(_CONTENT, folder))
    first_table = int.from_bytes(content[40:48], "big")
    content[first_table : first_table + 8] = b"\xff" * 8
    return bytes(content)


def _cut_off(folder: pathlib.Path) -> bytes:
    content = boot_sector.to_qcow2(os.urandom(2**20), folder)
    return content[: len(content) - 2**19]


def _too_large(folder: pathlib.Path) -> bytes:
    large = folder / "large.qcow2"
    subprocess.run(["qemu-img", "create", "-f", "qcow2", large, "2G"], check=True)
    return large.read_bytes()


@pytest.mark.parametrize(
    ("make", "disk_format", "reason"),
    [
        (lambda folder: _CONTENT, "qcow2", "the file is not a qcow2 image"),
        (lambda folder: b"", "raw", "the disk is empty"),
        (lambda folder: b"QFI\xfb" + b"\xff" * 200, "qcow2", "version 4294967295"),
        (lambda folder: b"QFI\xfb", "qcow2", "the file is not a qcow2 image"),
        (_backed, "qcow2", "it has a backing file"),
        (_with_data_file, "qcow2", "it has an external data file"),
        (_corrupt, "qcow2", "it is marked as corrupt"),
        (_with_broken_tables, "qcow2", f"Image {_ID} is unacceptable: "),
        (_cut_off, "qcow2", f"Image {_ID} is unacceptable: "),
        (_too_large, "qcow2", "Flavor's disk is too small for requested image."),
    ],
)
def test_refused_disks(
    disks: Disks,
    folder: pathlib.Path,
    new_image: NewImage,
    tmp_path: pathlib.Path,
    make: Callable[[pathlib.Path], bytes],
    disk_format: str,
    reason: str,
) -> None:
    image = new_image(make(tmp_path), disk_format)

    with pytest.raises(exception.Invalid) as refused:
        disks.create(folder, image, _NANO)

    assert reason in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert not (folder / "disk").exists()
    assert not list((tmp_path / "instances" / "_base").glob("*"))


def test_a_replaced_image_is_another_one(
    disks: Disks, folder: pathlib.Path, new_image: NewImage, tmp_path: pathlib.Path
) -> None:
    image = new_image(_CONTENT, "raw")
    disks.create(folder, image, _NANO)
    other = folder.parent / "two"
    other.mkdir()
    assert image.disk is not None
    image.disk.write_bytes(boot_sector.disk("tock"))

    disks.create(other, image, _NANO)

    assert disks.base_of(folder).read_bytes() == _CONTENT
    assert disks.base_of(other).read_bytes() == boot_sector.disk("tock")


def test_a_copy_goes_a_day_after_its_last_guest(
    disks: Disks, folder: pathlib.Path, new_image: NewImage
) -> None:
    disks.create(folder, new_image(_CONTENT, "raw"), _NANO)
    base = disks.base_of(folder)
    yesterday = time.time() - 90000

    os.utime(base, (yesterday, yesterday))
    disks.remove_unused()
    assert base.exists()

    (folder / "disk.base").unlink()
    os.utime(base)
    disks.remove_unused()
    assert base.exists()

    os.utime(base, (yesterday, yesterday))
    disks.remove_unused()
    assert not base.exists()


def test_a_rescue_uses_a_separate_copy(
    disks: Disks, folder: pathlib.Path, new_image: NewImage, tmp_path: pathlib.Path
) -> None:
    """It is as large as its image, and kept as long as the rescue."""
    large = new_image(_too_large(tmp_path), "qcow2")

    disks.create(folder, large, None, ".rescue")

    assert _chain(folder / "disk.rescue")[0]["virtual-size"] == 2 * 1024**3
    assert not (folder / "disk").exists()
    base = disks.base_of(folder, ".rescue")
    yesterday = time.time() - 90000
    os.utime(base, (yesterday, yesterday))
    disks.remove_unused()
    assert base.exists()
    for file in folder.glob("*.rescue"):
        file.unlink()
    disks.remove_unused()
    assert not base.exists()


def test_a_running_copy_delays_nobody(disks: Disks, folder: pathlib.Path) -> None:
    """Every delete cleans up, and copying a large image takes minutes."""
    part = folder.parent / "_base" / "large.part"
    part.parent.mkdir()
    part.write_bytes(b"")

    with ThreadPoolExecutor() as pool, lockutils.internal_lock("base-large"):
        pool.submit(disks.remove_unused).result(5)

    assert part.exists()


def test_simultaneous_cleaning_does_no_harm(disks: Disks, folder: pathlib.Path) -> None:
    bases = folder.parent / "_base"
    bases.mkdir()
    yesterday = time.time() - 90000
    for number in range(300):
        base = bases / f"{number}"
        base.write_bytes(b"")
        os.utime(base, (yesterday, yesterday))
        guest = folder.parent / f"guest-{number}"
        guest.mkdir()
        (guest / "disk.base").write_text("other")

    def delete(number: int) -> None:
        (folder.parent / f"guest-{number}" / "disk.base").unlink()
        disks.remove_unused()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(delete, range(300)))

    assert not list(bases.iterdir())


def test_guests_that_disappear_meanwhile_are_no_error(
    disks: Disks, tmp_path: pathlib.Path
) -> None:
    """Each delete reads the folders of all guests, and many are deleted at once."""
    over = threading.Event()

    def come_and_go(name: str) -> None:
        folder = tmp_path / "instances" / name
        while not over.is_set():
            folder.mkdir()
            (folder / "disk.base").touch()
            shutil.rmtree(folder)

    with ThreadPoolExecutor(4) as pool:
        guests = [pool.submit(come_and_go, f"guest-{number}") for number in range(4)]
        try:
            for _again in range(1000):
                disks.remove_unused()
        finally:
            over.set()
    assert [guest.result() for guest in guests] == [None] * 4

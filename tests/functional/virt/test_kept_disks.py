# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The disk from before a resize is kept whole, and not taken for another."""

import pathlib
import shutil

import pytest

from minova import exception
from minova.objects.flavor import Flavor
from minova.virt.libvirt import disks, qemu_img

_LARGE = Flavor(flavorid="77", name="large", memory_mb=1, vcpus=1, root_gb=2)
_GIB = 1 << 30


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A guest's folder with a disk of 1 GiB."""
    base = tmp_path / "base"
    base.write_bytes(b"what the image says".ljust(512, b"\0"))
    folder = tmp_path / "guest"
    folder.mkdir()
    qemu_img.create_overlay(folder / "disk", base, _GIB)
    return folder


def _size(disk: pathlib.Path) -> int:
    return int(qemu_img.info(disk, "qcow2")["virtual-size"])


def test_the_disk_is_kept_unchanged_and_grows(folder: pathlib.Path) -> None:
    before = (folder / "disk").read_bytes()

    for _ in range(2):
        disks.keep_and_grow(folder, _LARGE)

        assert (folder / "disk.resize").read_bytes() == before
        assert _size(folder / "disk") == 2 * _GIB

    for _ in range(2):
        disks.put_back(folder)
        assert (folder / "disk").read_bytes() == before
    assert [file.name for file in folder.iterdir()] == ["disk"]


def test_half_a_copy_does_not_count(folder: pathlib.Path) -> None:
    before = (folder / "disk").read_bytes()
    (folder / "disk.resize.part").write_bytes(before[:100])

    disks.put_back(folder)
    assert (folder / "disk").read_bytes() == before

    disks.keep_and_grow(folder, _LARGE)
    assert (folder / "disk.resize").read_bytes() == before


def test_an_unneeded_disk_is_removed_whole_or_not_at_all(folder: pathlib.Path) -> None:
    disks.keep_and_grow(folder, _LARGE)
    (folder / "disk.resize.part").touch()

    for _ in range(2):
        disks.forget_kept(folder)
        assert [file.name for file in folder.iterdir()] == ["disk"]
    assert _size(folder / "disk") == 2 * _GIB


def test_a_disk_is_not_made_smaller(folder: pathlib.Path) -> None:
    disks.keep_and_grow(folder, _LARGE)

    disks.keep_and_grow(folder, Flavor(**_LARGE.to_dict() | {"root_gb": 1}))

    assert _size(folder / "disk") == 2 * _GIB


def test_a_guest_without_a_disk_gets_none(folder: pathlib.Path) -> None:
    (folder / "disk").unlink()

    disks.keep_and_grow(folder, _LARGE)
    disks.put_back(folder)
    disks.forget_kept(folder)

    assert list(folder.iterdir()) == []


def test_a_disk_that_cannot_be_copied_stays(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: object, target: pathlib.Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    before = (folder / "disk").read_bytes()
    monkeypatch.setattr(shutil, "copyfile", full)

    with pytest.raises(exception.ResizeError, match="No space left on device"):
        disks.keep_and_grow(folder, _LARGE)

    disks.put_back(folder)
    assert (folder / "disk").read_bytes() == before

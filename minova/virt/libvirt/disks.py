# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Disks of guests: a raw copy of each image, and an overlay for each guest (ADR 15).

QEMU makes the raw copy, so no guest ever reads a header that came with an image.  The
copy also stays the same when the operator replaces the image's file.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import time
from collections.abc import Iterator
from typing import Final

from oslo_concurrency import lockutils
from oslo_log import log as logging

from minova import exception
from minova.images import bootable, disk_header
from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.virt.libvirt import qemu_img

LOG = logging.getLogger(__name__)

OVERLAY: Final = "disk"
"""The name of a guest's disk in its folder, as in Nova."""

_KEPT: Final = f"{OVERLAY}.resize"
"""The disk before a resize; it is kept until the resize is confirmed or reverted."""
_BASE: Final = "_base"
_STANDS_ON: Final = "disk.base"
_KEPT_UNUSED: Final = 86400
"""Seconds (Nova's ``remove_unused_original_minimum_age_seconds``)."""


class Disks:
    """The disks in one folder of instances."""

    def __init__(self, instances_path: pathlib.Path) -> None:
        self._instances_path = instances_path
        self._folder = instances_path / _BASE

    def create(
        self,
        folder: pathlib.Path,
        image: Image,
        flavor: Flavor | None,
        suffix: str = "",
    ) -> None:
        """Make a guest's disk in its folder: an empty overlay on the image's copy.

        Args:
            flavor: gives the size; None makes the disk as large as the image.
            suffix: is added to the names of the files.

        Raises:
            ImageUnacceptable: the image cannot be used as a disk.
            FlavorDiskSmallerThanImage: the image is larger than the flavor's disk.
        """
        assert image.disk is not None
        base = self._folder / _key(image.disk, image)
        size = flavor.root_gb * bootable.GIB if flavor and flavor.root_gb else None
        with _in_use(base):
            self._copy(image, size, base)
            # ``remove_unused`` keeps every copy that such a file names.
            (folder / f"{_STANDS_ON}{suffix}").write_text(base.name)
        overlay = folder / f"{OVERLAY}{suffix}"
        try:
            qemu_img.create_overlay(overlay, base, size)
        except qemu_img.QemuImgError as error:
            raise exception.ImageUnacceptable(image.id, str(error)) from error
        # While the guest runs, libvirt makes QEMU's user the owner.
        overlay.chmod(0o660)

    def base_of(self, folder: pathlib.Path, suffix: str = "") -> pathlib.Path:
        return self._folder / (folder / f"{_STANDS_ON}{suffix}").read_text()

    def remove_unused(self) -> None:
        """Delete copies that no guest uses, and that no disk was made from for a day.

        Other threads may delete the same copies, or guests, meanwhile.  Nothing waits
        for a copy in progress, because it is young.
        """
        used = set(self._stood_on())
        for base in self._folder.glob("*"):
            if base.name in used or not _is_old(base):
                continue
            with _in_use(base):
                if _is_old(base):
                    LOG.info("Removing base or swap file: %s", base)
                    base.unlink(missing_ok=True)

    def _stood_on(self) -> Iterator[str]:
        for folder in self._instances_path.glob("*"):
            for marker in _markers(folder):
                with contextlib.suppress(FileNotFoundError):
                    yield marker.read_text()

    def _copy(self, image: Image, most: int | None, base: pathlib.Path) -> None:
        assert image.disk is not None
        assert image.disk_format is not None
        size = _check(image, image.disk, image.disk_format)
        if most is not None and most < size:
            raise exception.FlavorDiskSmallerThanImage(most, size)
        if base.exists():
            os.utime(base)
            return
        self._folder.mkdir(mode=0o755, exist_ok=True)
        LOG.info("Copying image %s to %s", image.id, base)
        part = base.with_suffix(".part")
        try:
            qemu_img.convert_to_raw(image.disk, image.disk_format, part)
        except qemu_img.QemuImgError as error:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
            raise exception.ImageUnacceptable(image.id, str(error)) from error
        # QEMU runs as another user, so a guest can read this file but not write it.
        part.chmod(0o644)
        part.rename(base)


def keep_and_grow(folder: pathlib.Path, flavor: Flavor) -> None:
    """Keep a copy of the disk in a guest's folder, and grow the disk.

    The copy gets its name only when all of it is on disk.  A copy that exists is not
    replaced: the disk may have grown since.

    Raises:
        ResizeError: the disk cannot be copied or cannot grow.
    """
    disk, kept = folder / OVERLAY, folder / _KEPT
    if not disk.exists():
        return
    try:
        if not kept.exists():
            _copy_whole(disk, kept)
        if flavor.root_gb:
            qemu_img.grow(disk, flavor.root_gb * bootable.GIB)
    except OSError as error:
        # The error must not name paths of the host.
        raise exception.ResizeError(error.strerror) from error
    except qemu_img.QemuImgError as error:
        raise exception.ResizeError(error) from error


def put_back(folder: pathlib.Path) -> None:
    """Replace the disk with the kept copy, if there is one, in one atomic step."""
    with contextlib.suppress(FileNotFoundError):
        (folder / _KEPT).replace(folder / OVERLAY)


def forget_kept(folder: pathlib.Path) -> None:
    for file in folder.glob(f"{_KEPT}*"):
        file.unlink(missing_ok=True)


def _copy_whole(disk: pathlib.Path, kept: pathlib.Path) -> None:
    part = kept.with_name(f"{kept.name}.part")
    LOG.debug("Copying %s to %s", disk, kept)
    shutil.copyfile(disk, part)
    part.chmod(0o660)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(kept)


def _in_use(base: pathlib.Path) -> contextlib.AbstractContextManager[object]:
    """Lock a copy: it is not made twice, nor removed while a guest begins to use it."""
    lock: contextlib.AbstractContextManager[object] = lockutils.internal_lock(
        f"base-{base.stem}"
    )
    return lock


def _markers(folder: pathlib.Path) -> list[pathlib.Path]:
    """Return the files that name a guest's copies; the guest may vanish meanwhile."""
    try:
        return list(folder.glob(f"{_STANDS_ON}*"))
    except FileNotFoundError:
        return []


def _is_old(base: pathlib.Path) -> bool:
    try:
        return time.time() - base.stat().st_mtime > _KEPT_UNUSED
    except FileNotFoundError:
        return False


def _check(image: Image, disk: pathlib.Path, disk_format: str) -> int:
    """Check an image, its header first, and return its virtual size in bytes."""
    try:
        size = disk_header.virtual_size(disk, disk_format)
        found = qemu_img.info(disk, disk_format)
        if disk_format == "qcow2":
            qemu_img.check_qcow2(disk)
    except (disk_header.NotBootable, qemu_img.QemuImgError) as error:
        raise exception.ImageUnacceptable(image.id, str(error)) from error
    specific = found.get("format-specific", {}).get("data", {})
    if "backing-filename" in found or "data-file" in specific:
        raise exception.ImageUnacceptable(image.id, "it depends on another file")
    return max(size, int(found["virtual-size"]))


def _key(disk: pathlib.Path, image: Image) -> str:
    """Return the name of a copy.  A changed or replaced file gets a new name."""
    now = disk.stat()
    what = f"{image.id} {image.disk_format} {now.st_mtime_ns} {now.st_size}"
    return hashlib.sha256(what.encode()).hexdigest()[:40]

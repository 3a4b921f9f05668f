# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Image: the files that a guest boots from."""

import dataclasses
import datetime
import pathlib
from collections.abc import Mapping
from typing import Any, Final

DISK_FORMATS: Final = ("raw", "qcow2")
"""The formats that can be booted here."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A kernel with its ramdisk, a disk, or a disk with a kernel outside the disk.

    An image in Glance has no paths until a host fetches it (``ImageSource.fetch``).

    Attributes:
        size: bytes of all files together.
        min_ram: MiB.
        min_disk: GiB.
        kernel, ramdisk, disk: absolute paths.
        cmdline: the kernel's command line.
        disk_format: one of ``DISK_FORMATS``; None without a disk.
        virtual_size: bytes of the disk as a guest sees it, if known.
        defect: why it can never be booted, if such a reason is already known.
        status: Glance's status; only an ``active`` image can be booted.
        os_hash_algo, os_hash_value: Glance's hash of the disk's file.
    """

    id: str
    name: str
    size: int
    min_ram: int
    min_disk: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    properties: Mapping[str, Any]
    kernel: pathlib.Path | None = None
    ramdisk: pathlib.Path | None = None
    cmdline: str = ""
    disk: pathlib.Path | None = None
    disk_format: str | None = None
    virtual_size: int | None = None
    defect: str | None = None
    status: str = "active"
    visibility: str = "public"
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None

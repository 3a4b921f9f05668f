# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The header of a disk image, read without QEMU's tools.

A qcow2 file can name other files, and ``qemu-img info`` opens some of them
(CVE-2024-32498).  So minova checks the header before QEMU's tools see the image.
"""

import pathlib
import struct
from typing import Final

_MAGIC: Final = b"QFI\xfb"
# docs/interop/qcow2.txt of QEMU: magic, version, backing file's offset and length,
# cluster bits, size, crypt method; from byte 72 (version 3) incompatible features.
_HEADER: Final = struct.Struct(">4sIQIIQI")
_FEATURES: Final = struct.Struct(">Q")
_FEATURES_AT: Final = 72
_VERSIONS: Final = {2, 3}
_WITHOUT_FEATURES: Final = 2
_CORRUPT: Final = 1 << 1
_DATA_FILE: Final = 1 << 2


class NotBootable(ValueError):
    """The image can never be booted; the text says why."""


def virtual_size(disk: pathlib.Path, disk_format: str) -> int:
    """Return the size of the disk as a guest will see it, in bytes.

    Raises:
        NotBootable: the file does not have this format, needs another file, or is
            empty, encrypted or corrupt.
        OSError: the file cannot be read.
    """
    if disk_format == "raw":
        size = disk.stat().st_size
    else:
        with disk.open("rb") as file:
            head = file.read(_FEATURES_AT + _FEATURES.size)
            size = _qcow2_size(head)
    if size == 0:
        raise NotBootable("the disk is empty")
    return size


def _qcow2_size(head: bytes) -> int:
    if len(head) < _FEATURES_AT + _FEATURES.size or not head.startswith(_MAGIC):
        raise NotBootable("the file is not a qcow2 image")
    _magic, version, backing_at, _length, _bits, size, crypt = _HEADER.unpack_from(head)
    if version not in _VERSIONS:
        raise NotBootable(f"qcow2 version {version} is not supported")
    (features,) = (
        _FEATURES.unpack_from(head, _FEATURES_AT)
        if version > _WITHOUT_FEATURES
        else (0,)
    )
    for wrong, what in (
        (backing_at, "it has a backing file"),
        (crypt, "it is encrypted"),
        (features & _DATA_FILE, "it has an external data file"),
        (features & _CORRUPT, "it is marked as corrupt"),
    ):
        if wrong:
            raise NotBootable(what)
    return int(size)

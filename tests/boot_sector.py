# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A 512-byte disk that a PC can boot. It prints a text twice a second, forever."""

import json
import pathlib
import subprocess
from typing import Any

_LOAD_ADDRESS = 0x7C00

_CODE = (
    b"\x31\xc0\x8e\xd8\xfc"  # ax = 0; ds = ax; cld
    b"\xbe\x1e\x7c"  # si = address of the text
    b"\xac\x84\xc0\x74\x06"  # al = the next letter; at the end go to the pause
    b"\xba\xf8\x03\xee\xeb\xf5"  # write to COM1; next letter
    b"\xb4\x86\xb9\x07\x00\x31\xd2\xcd\x15"  # BIOS: wait 0x70000 microseconds
    b"\xeb\xe7"  # start again
)
assert _CODE[6:8] == (_LOAD_ADDRESS + len(_CODE)).to_bytes(2, "little")


def disk(text: str) -> bytes:
    """Return the disk's only sector, which prints an ASCII text."""
    program = _CODE + text.encode("ascii") + b"\r\n\0"
    return program.ljust(510, b"\0") + b"\x55\xaa"


def put_image(
    images: pathlib.Path,
    image_id: str,
    content: bytes,
    disk_format: str = "raw",
    **more: Any,
) -> pathlib.Path:
    """Put a disk image into an image directory and return its file."""
    folder = images / image_id
    folder.mkdir(mode=0o755)
    file = folder / "disk.img"
    file.write_bytes(content)
    description = {
        "id": image_id,
        "name": f"disk-{image_id[:8]}",
        "updated_at": "2026-11-22T20:00:00Z",
        "disk": file.name,
        "disk_format": disk_format,
    } | more
    (folder / "image.json").write_text(json.dumps(description))
    return file


def to_qcow2(content: bytes, folder: pathlib.Path, *options: str) -> bytes:
    """Convert the disk to qcow2 with ``qemu-img convert``."""
    raw, qcow2 = folder / "to-convert.raw", folder / "converted.qcow2"
    raw.write_bytes(content)
    convert = ("qemu-img", "convert", "-f", "raw", "-O", "qcow2", *options)
    subprocess.run([*convert, raw, qcow2], check=True)
    return qcow2.read_bytes()

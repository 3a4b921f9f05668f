# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The image of nearly every test, in a folder of images."""

import json
import pathlib
from typing import Any, Final

from tests.tiny_guests import HALTS

TICK: Final = "8cc68639-c302-441d-9aab-b493b94f7f6e"

_IMAGE: Final[dict[str, Any]] = {
    "id": TICK,
    "name": "minova-tick",
    "min_ram": 64,
    "min_disk": 0,
    "created_at": "2026-11-22T20:00:00Z",
    "updated_at": "2026-11-22T20:00:00Z",
    "kernel": "kernel",
    "ramdisk": "ramdisk",
    "cmdline": "quiet",
}


def put(images: pathlib.Path, kernel: bytes = HALTS, **properties: str) -> None:
    """Let the image boot this kernel. A later call replaces it."""
    folder = images / "minova-tick"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("kernel", "ramdisk"):
        (folder / name).write_bytes(kernel)
    properties = {"architecture": "x86_64"} | properties
    (folder / "image.json").write_text(json.dumps(_IMAGE | {"properties": properties}))

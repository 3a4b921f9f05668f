# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Image: what a guest boots from."""

import dataclasses
import datetime
import pathlib
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One folder of the image directory.

    Attributes:
        size: bytes of kernel and ramdisk together.
        min_ram: MiB.
        min_disk: GiB.
        kernel, ramdisk: absolute paths.
        cmdline: the kernel's command line.
    """

    id: str
    name: str
    size: int
    min_ram: int
    min_disk: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    kernel: pathlib.Path
    ramdisk: pathlib.Path
    cmdline: str
    properties: Mapping[str, Any]

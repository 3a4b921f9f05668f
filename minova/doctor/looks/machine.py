# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The disks that a deployment writes to."""

import pathlib
import shutil
from collections.abc import Iterator, Mapping
from typing import Final

from oslo_config import cfg

from minova.doctor.findings import NotLooked, Said, Seen, finding

_MIB: Final = 1024**2
FULL: Final = 100
"""MiB. A database, a log and an image need more than this."""
LOW: Final = 5
"""Percent of a file system. It is low if the free space is also below ``ENOUGH``."""
ENOUGH: Final = 5120  # MiB


def folders(conf: cfg.ConfigOpts) -> dict[str, str]:
    """Return the folders that minova writes to, and what each contains."""
    found = {conf.state_path: "guests and images"}
    url = conf.database.connection
    if url.startswith("sqlite:///"):
        folder = pathlib.Path(url.removeprefix("sqlite:///").partition("?")[0]).parent
        found.setdefault(str(folder), "the database")
    if conf.log_dir:
        found.setdefault(conf.log_dir, "logs")
    return found


def look(wanted: Mapping[str, str]) -> Iterator[Said]:
    """Check for free space. Folders on the same file system are reported once."""
    told = set()
    for path, what in wanted.items():
        try:
            disk = shutil.disk_usage(path)
            device = pathlib.Path(path).stat().st_dev
        except OSError as error:
            yield NotLooked(
                f"disk of {path}", str(error.strerror), "sudo minova doctor"
            )
            continue
        if device in told:
            continue
        told.add(device)
        free, percent = disk.free // _MIB, 100 * disk.free // disk.total
        values = {"path": path, "what": what, "free": free, "percent": percent}
        if free < FULL:
            yield finding("disk-full", **values)
        elif percent < LOW and free < ENOUGH:
            yield finding("disk-low", **values)
        else:
            yield Seen("disk", f"{path} ({what}): {free} MiB left, {percent} %")

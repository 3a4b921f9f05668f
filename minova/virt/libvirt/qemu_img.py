# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""qemu-img, with given formats and with limits, because images come from strangers."""

import json
import os
import pathlib
import subprocess
from typing import Any, Final

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

# Nova's QEMU_IMG_LIMITS, in seconds and bytes, by util-linux's prlimit, which becomes
# qemu-img.  processutils.execute (oslo.concurrency 7.6) does not end a slow child.
_LIMITED: Final = ("prlimit", "--cpu=30", f"--as={1024**3}")
_INFO_TIMEOUT: Final = 60
_LEAKS_ONLY: Final = 3
_CONVERT_TIMEOUT: Final = 1800


class QemuImgError(Exception):
    """qemu-img failed; the text is a line of its output, without the host's paths."""


def info(disk: pathlib.Path, disk_format: str) -> dict[str, Any]:
    """Return what qemu-img says about an image, opened as ``disk_format`` only.

    Raises:
        QemuImgError: the file is not an image of this format.
    """
    output = _run(
        *("info", "--output=json", "-f", disk_format, str(disk)),
        paths=[disk],
        before=_LIMITED,
    )
    found: dict[str, Any] = json.loads(output)
    return found


def check_qcow2(disk: pathlib.Path) -> None:
    """Check every table of a qcow2 file: missing data would just read as zeros.

    Raises:
        QemuImgError: the file is damaged.  Unused clusters alone are accepted.
    """
    _run(
        *("check", "-q", "-f", "qcow2", str(disk)),
        paths=[disk],
        before=_LIMITED,
        good=(0, _LEAKS_ONLY),
    )


def convert_to_raw(disk: pathlib.Path, disk_format: str, raw: pathlib.Path) -> None:
    """Copy a disk's contents to a sparse raw file.

    Raises:
        QemuImgError: the contents cannot be read, or there is no room.
    """
    _run(
        *("convert", "-f", disk_format, "-O", "raw", str(disk), str(raw)),
        paths=[disk, raw],
        timeout=_CONVERT_TIMEOUT,
    )


def create_overlay(overlay: pathlib.Path, raw: pathlib.Path, size: int | None) -> None:
    """Make a qcow2 file that is an overlay of ``raw``.

    Args:
        size: bytes; None means the size of ``raw``.
    """
    _run(
        *("create", "-f", "qcow2", "-F", "raw", "-b", str(raw), str(overlay)),
        *([] if size is None else [str(size)]),
        paths=[overlay, raw],
        before=_LIMITED,
    )


def grow(disk: pathlib.Path, size: int) -> None:
    """Grow a qcow2 file to ``size`` bytes; a larger file stays as it is."""
    if int(info(disk, "qcow2")["virtual-size"]) < size:
        _run(
            *("resize", "-f", "qcow2", str(disk), str(size)),
            paths=[disk],
            before=_LIMITED,
        )


def _run(
    *arguments: str,
    paths: list[pathlib.Path],
    before: tuple[str, ...] = (),
    good: tuple[int, ...] = (0,),
    timeout: float = _INFO_TIMEOUT,
) -> str:
    """Run qemu-img and return its output.

    Args:
        paths: an error, which users see, shows only their last part.

    Raises:
        QemuImgError: qemu-img failed, took too long, or is not installed.
    """
    command = (*before, "qemu-img", *arguments)
    LOG.debug("Running cmd (subprocess): %s", " ".join(command))
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and paths are our own
            command,
            env={"LC_ALL": "C", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        said = f"it took longer than {timeout} s"
    except OSError as error:
        said = str(error)
    else:
        if done.returncode in good:
            return done.stdout.decode(errors="replace")
        said = done.stderr.decode(errors="replace").strip()
        said = said or f"exit status {done.returncode}"
    LOG.warning("%s: %s", " ".join(command), said)
    line = said.splitlines()[-1].removeprefix("qemu-img: ")
    for path in paths:
        line = line.replace(str(path), path.name)
    raise QemuImgError(line)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The log file of a guest's serial console, and how to read its end."""

import contextlib
import os
import pathlib
import threading
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree

import libvirt
from oslo_log import log as logging

LOG = logging.getLogger(__name__)

MAX_BYTES: Final = 102400
"""Bytes of a console that are shown (Nova's MAX_CONSOLE_BYTES)."""

_NAME: Final = "console.log"

# Two pools cannot have the same folder.
_ONE_POOL_AT_A_TIME: Final = threading.Lock()


def prepare(folder: pathlib.Path) -> None:
    """Make the file before virtlogd does, so that n-cpu and its group can read it."""
    descriptor = os.open(folder / _NAME, os.O_CREAT | os.O_WRONLY, 0o660)
    os.fchmod(descriptor, 0o660)
    os.close(descriptor)


def read(
    folder: pathlib.Path, as_root: Callable[[pathlib.Path, int], bytes]
) -> str | None:
    """Return the last ``MAX_BYTES`` of a console, also across a rollover by virtlogd.

    Args:
        as_root: reads the end of a file that n-cpu may not read.

    Returns:
        The text, or None if there is no console.
    """
    try:
        newest = _tail(folder / _NAME, MAX_BYTES, as_root)
    except FileNotFoundError:
        return None
    if len(newest) < MAX_BYTES:
        with contextlib.suppress(FileNotFoundError):  # no rollover yet
            rolled_over = folder / f"{_NAME}.0"
            newest = _tail(rolled_over, MAX_BYTES - len(newest), as_root) + newest
    return newest.decode("utf-8", errors="replace")


def _tail(
    path: pathlib.Path, size: int, as_root: Callable[[pathlib.Path, int], bytes]
) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read(size)
    except PermissionError:
        return as_root(path, size)


def tail_through_libvirt(
    connection: libvirt.virConnect, path: pathlib.Path, size: int
) -> bytes:
    """Let libvirtd, which is root, read a file that virtlogd made at a rollover.

    virtlogd (libvirt 9.0, ``virRotatingFileWriterEntryNew``) makes the next file with
    mode 0600, whatever the mode of the last one.  While libvirtd reads the file, its
    folder is a storage pool.
    """
    offset = max(0, path.stat().st_size - size)
    LOG.debug("Reading %s through libvirt", path)
    with _ONE_POOL_AT_A_TIME:
        return _download(connection, path, offset)[-size:]


def _download(connection: libvirt.virConnect, path: pathlib.Path, offset: int) -> bytes:
    pool = connection.storagePoolCreateXML(_pool_xml(path.parent), 0)
    try:
        volume = pool.storageVolLookupByName(path.name)
        stream = connection.newStream(0)
        volume.download(stream, offset, 0, 0)
        received = bytearray()
        while chunk := stream.recv(65536):
            received += chunk
        stream.finish()
    finally:
        pool.destroy()
    return bytes(received)


def _pool_xml(folder: pathlib.Path) -> str:
    pool = ElementTree.Element("pool", type="dir")
    ElementTree.SubElement(pool, "name").text = f"minova-console-{folder.name}"
    ElementTree.SubElement(ElementTree.SubElement(pool, "target"), "path").text = str(
        folder
    )
    return ElementTree.tostring(pool, encoding="unicode")

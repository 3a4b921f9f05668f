# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests that somebody independent watches, whatever becomes of libvirtd.

The QEMU that this libvirtd finds first in its ``PATH`` is a script that opens one more
monitor for each guest, and the watcher is told there, by QEMU itself, of every STOP and
RESUME: a connection to libvirtd would be blind while that is dead.
"""

import contextlib
import json
import pathlib
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator

import libvirt

from tests.private_libvirt import USER, PrivateLibvirt
from tests.real_servers import folder_for

# Else libvirt writes to the terminal what it raises anyway.
libvirt.registerErrorHandler(lambda _context, _error: None, None)

_EMULATOR = """#!/bin/sh
case " $* " in
*" -uuid "*)
    uuid=${*##*-uuid }
    uuid=${uuid%% *}
    exec /usr/bin/qemu-system-x86_64 "$@" -mon chardev=watch,mode=control \\
        -chardev "socket,id=watch,path=FOLDER/$uuid,server=on,wait=off"
    ;;
esac
exec /usr/bin/qemu-system-x86_64 "$@"
"""


class Watch:
    """What QEMU says of one guest: STOP, RESUME, in order."""

    def __init__(self, path: pathlib.Path) -> None:
        self.seen: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._socket.sendall(b'{"execute": "qmp_capabilities"}\n')
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def count(self) -> Counter[str]:
        return Counter(self.seen)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                event = json.loads(line).get("event")
                if event in {"STOP", "RESUME"}:
                    self.seen.append(event)


class WatchedLibvirt(PrivateLibvirt):
    """A private libvirtd whose guests have a second monitor."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._watches = folder / "watch"
        emulator = folder / "bin/qemu-system-x86_64"
        for path in (self._watches, emulator.parent):
            path.mkdir()
        emulator.write_text(_EMULATOR.replace("FOLDER", str(self._watches)))
        emulator.chmod(0o755)
        # It gives these to its user as well.
        super().__init__(folder)
        self._path = f"{emulator.parent}:{self._path}"

    def watch(self, uuid: str) -> Watch:
        """Begin to watch a guest that runs; one watch for each guest."""
        return Watch(self._watches / uuid)

    def is_paused(self, uuid: str) -> bool:
        """Ask libvirt, over a connection of its own (virDomainGetState)."""
        connection = libvirt.open(self.uri)
        try:
            state, _reason = connection.lookupByUUIDString(uuid).state()
        finally:
            connection.close()
        return bool(state == libvirt.VIR_DOMAIN_PAUSED)

    def unread(self) -> int:
        """Bytes that clients have written and this libvirtd has not read yet."""
        lines = subprocess.run(
            ["ss", "--unix", "--no-header", "src", str(self._socket)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        return sum(int(line.split()[2]) for line in lines)


@contextlib.contextmanager
def running() -> Iterator[WatchedLibvirt]:
    """A libvirtd that answers (5 s); ended with all its guests."""
    with folder_for(USER) as folder:
        watched = WatchedLibvirt(folder)
        try:
            watched.start()
            yield watched
        finally:
            watched.stop()

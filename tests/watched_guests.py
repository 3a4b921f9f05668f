# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests that somebody independent watches, whatever becomes of libvirtd.

The QEMU that this libvirtd finds first in its ``PATH`` is a script that writes down
each start of a guest, and whether it boots or goes on from a memory that was saved.  It
opens one more monitor for each guest, and the watcher is told there, by QEMU itself, of
every STOP and RESUME: a connection to libvirtd would be blind while that is dead.
"""

import contextlib
import json
import pathlib
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator

from tests.private_libvirt import USER, PrivateLibvirt
from tests.real_servers import folder_for, wait_until

_EMULATOR = """#!/bin/sh
case " $* " in
*" -uuid "*)
    uuid=${*##*-uuid }
    uuid=${uuid%% *}
    case " $* " in
    *" -incoming "*) echo RESTORED ;;
    *) echo BOOTED ;;
    esac >>"FOLDER/$uuid.starts"
    while [ -e FOLDER/wait ]; do sleep 0.1; done
    exec /usr/bin/qemu-system-x86_64 "$@" -mon chardev=watch,mode=control \\
        -chardev "socket,id=watch,path=FOLDER/$uuid,server=on,wait=off"
    ;;
esac
exec /usr/bin/qemu-system-x86_64 "$@"
"""


class Watch:
    """What one guest did: STOP, RESUME, and BOOTED, RESTORED, RAN of each new QEMU.

    A QEMU that has just been started is not heard at once: what it says while it starts
    may be missed, that it was started is not.  RAN is one that was heard to go on, once
    each: libvirt ends those again that it was starting when it died.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._seen: list[str] = []
        self._socket: socket.socket | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_until(self.hears, 10, "the guest's monitor answers")

    def count(self) -> Counter[str]:
        starts = self._path.with_suffix(".starts").read_text().split()
        return Counter(self._seen) + Counter(starts)

    def hears(self) -> bool:
        """Whether the guest runs and is listened to."""
        return self._socket is not None

    def close(self) -> None:
        self._closed.set()
        if (heard := self._socket) is not None:
            with contextlib.suppress(OSError):
                heard.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _run(self) -> None:
        while not self._closed.wait(0.02):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as heard:
                heard.connect(str(self._path))
                heard.sendall(b'{"execute": "qmp_capabilities"}\n')
                self._listen(heard)

    def _listen(self, heard: socket.socket) -> None:
        ran = False
        try:
            with heard.makefile("rb") as lines:
                for line in lines:
                    said = json.loads(line)
                    if "return" in said:
                        self._socket = heard
                    elif (event := said.get("event")) in {"STOP", "RESUME"}:
                        self._seen.append(event)
                        if event == "RESUME" and not ran:
                            ran = True
                            self._seen.append("RAN")
        finally:
            self._socket = None


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
        """Begin to watch a guest that runs, for all its life; one watch for each."""
        return Watch(self._watches / uuid)

    @contextlib.contextmanager
    def slow(self) -> Iterator[None]:
        """Have no QEMU begin to run: libvirt waits for each that it starts."""
        wait = self._watches / "wait"
        wait.touch()
        try:
            yield
        finally:
            wait.unlink()

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

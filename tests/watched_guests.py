# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests with an independent watcher, which also works without libvirtd.

This libvirtd finds a script first in its ``PATH``, in the place of QEMU. The script
writes down each start of a guest, and whether it boots or resumes from saved memory. It
opens one more monitor for each guest, on which QEMU itself reports every STOP and
RESUME. A connection to libvirtd would report nothing while libvirtd is dead.
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
    """Counts what one guest did.

    It counts STOP and RESUME, and BOOTED, RESTORED and RAN of each new QEMU. Messages
    of a QEMU during its start may be missed, but the start itself is not. RAN counts
    once for each QEMU that was heard to run, because libvirt ends those that it was
    starting when it died.
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
        """Tell whether the guest runs and its watcher is connected."""
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
        # It passes these to its user too.
        super().__init__(folder)
        self._path = f"{emulator.parent}:{self._path}"

    def watch(self, uuid: str) -> Watch:
        """Watch a running guest for all its life. There is one watch for each guest."""
        return Watch(self._watches / uuid)

    @contextlib.contextmanager
    def slow(self) -> Iterator[None]:
        """Let no QEMU begin to run, so that libvirt waits for each that it starts."""
        wait = self._watches / "wait"
        wait.touch()
        try:
            yield
        finally:
            wait.unlink()

    def unread(self) -> int:
        """Return the bytes that clients have written and libvirtd has not read yet."""
        lines = subprocess.run(
            ["ss", "--unix", "--no-header", "src", str(self._socket)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        return sum(int(line.split()[2]) for line in lines)


@contextlib.contextmanager
def running() -> Iterator[WatchedLibvirt]:
    """A libvirtd that answers (5 s). It ends with all its guests."""
    with folder_for(USER) as folder:
        watched = WatchedLibvirt(folder)
        try:
            watched.start()
            yield watched
        finally:
            watched.stop()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A libvirtd of the tests' own, with real QEMU guests, to be frozen and killed.

It runs in session mode as an unprivileged user: sockets, definitions and guests are in
a folder of its own, and the machine's libvirtd never hears of it.
"""

import contextlib
import os
import pathlib
import pwd
import re
import signal
import subprocess
from collections.abc import Iterator

import libvirt

from tests import tiny_guests
from tests.real_servers import folder_for, freeze, wait_until

# Else libvirt writes to the terminal what it raises anyway.
libvirt.registerErrorHandler(lambda _context, _error: None, None)

USER = "nobody"


class PrivateLibvirt:
    """One libvirtd and its guests, started and ended by process id.

    Attributes:
        uri: what to connect to; root may, and so may the user it runs as.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        """Use a folder that belongs to ``USER``, if we are root, and that all enter."""
        self._folder = folder
        self._run = folder / "run"
        self._socket = self._run / "libvirt" / "libvirt-sock"
        self.uri = f"qemu:///session?socket={self._socket}"
        # Where it looks for QEMU.
        self._path = "/usr/sbin:/usr/bin:/sbin:/bin"
        self._process: subprocess.Popen[bytes] | None = None
        conf = folder / "home" / ".config" / "libvirt"
        for path in (self._run, conf):
            path.mkdir(parents=True)
        # Else a virtlogd is started as well, and nobody knows its process.
        (conf / "qemu.conf").write_text('stdio_handler = "file"\n')
        for path in (folder, *folder.rglob("*")):
            _give_away(path)

    @property
    def pid(self) -> int:
        """The process of libvirtd."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start libvirtd and wait until it answers; guests that live are found again.

        About 1 s.
        """
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*_as_user(), "libvirtd"],
                env={
                    "PATH": self._path,
                    "LANG": "C.UTF-8",
                    "HOME": str(self._folder / "home"),
                    "XDG_RUNTIME_DIR": str(self._run),
                },
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_until(self._answers, 30, "libvirtd answers")
        # It looks at QEMU when it is first asked, and a guest would wait for that.
        self.virsh("domcapabilities", "--virttype", "qemu")

    def terminate(self) -> None:
        """SIGTERM, as at ``systemctl stop``; the guests go on."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL; the guests go on."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.terminate()
        self.start()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, and nothing is answered."""
        freeze(self.pid)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def virsh(self, *arguments: str) -> str:
        """What ``virsh`` prints; by hand, behind minova's back."""
        return subprocess.run(
            ["virsh", "--connect", self.uri, "--quiet", *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout.strip()

    def state(self, server_id: str) -> str:
        """In virsh's words: ``running``, ``paused``, ``shut off``."""
        return self.virsh("domstate", server_id)

    def is_paused(self, uuid: str) -> bool:
        """Ask libvirt, over a connection of its own (virDomainGetState)."""
        return self.status(uuid) == "PAUSED"

    def status(self, uuid: str) -> str:
        """What users should see of a server whose guest is as libvirt has it.

        ``GONE`` is a word of ours: there is no guest.
        """
        try:
            return self._status(uuid)
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            return "GONE"

    def _status(self, uuid: str) -> str:
        with self._domain(uuid) as domain:
            state, _reason = domain.state()
            match state:
                case libvirt.VIR_DOMAIN_PAUSED:
                    return "PAUSED"
                case libvirt.VIR_DOMAIN_RUNNING:
                    # What it was booted from.
                    return (
                        "RESCUE" if ".rescue</kernel>" in domain.XMLDesc() else "ACTIVE"
                    )
            return "SUSPENDED" if domain.hasManagedSaveImage() else "SHUTOFF"

    def mark(self, uuid: str) -> bytes:
        """What a guest wrote into its memory when it booted (``tiny_guests.MARKS``)."""
        with self._domain(uuid) as domain:
            mark: bytes = domain.memoryPeek(
                tiny_guests.MARK, 8, libvirt.VIR_MEMORY_PHYSICAL
            )
            return mark

    @contextlib.contextmanager
    def _domain(self, uuid: str) -> Iterator[libvirt.virDomain]:
        connection = libvirt.open(self.uri)
        try:
            yield connection.lookupByUUIDString(uuid)
        finally:
            connection.close()

    def saved_memory(self, server_id: str) -> pathlib.Path:
        """The file of a guest that was suspended."""
        name = self.virsh("domname", server_id)
        return self._folder / f"home/.config/libvirt/qemu/save/{name}.save"

    def firmware_variables(self) -> list[pathlib.Path]:
        """What UEFI keeps of guests, in libvirt's own folder."""
        return list(self._folder.glob("home/.config/libvirt/qemu/nvram/*"))

    def guest_pid(self, server_id: str) -> int:
        """The process of a guest's QEMU; asks libvirtd for the guest's name."""
        return self._pid_of(self.virsh("domname", server_id))

    def kill_guest(self, server_id: str) -> None:
        """``kill -9`` of a guest's QEMU."""
        os.kill(self.guest_pid(server_id), signal.SIGKILL)

    def wedge_guest(self, server_id: str) -> pathlib.Path:
        """Leave a guest as a libvirtd does that dies right before it starts its QEMU.

        libvirtd 9 takes that start for one that goes on, and lets nobody change the
        guest.

        Returns:
            What libvirtd must be without when it starts, for the guest to be free.
        """
        name = self.virsh("domname", server_id)
        guest = self._pid_of(name)
        self.kill()
        os.kill(guest, signal.SIGKILL)
        status = self._run / "libvirt" / "qemu" / "run" / f"{name}.xml"
        told = re.sub(
            "<domstatus [^>]*>",
            "<domstatus state='paused' reason='starting up' pid='0'>"
            "<job type='none' async='start' flags='0x0' asyncStarted='1'/>",
            status.read_text(),
        )
        status.write_text(told)
        self.start()
        return status

    @contextlib.contextmanager
    def frozen_guest(self, server_id: str) -> Iterator[int]:
        """SIGSTOP of a guest's QEMU: calls that need its monitor hang, others do not.

        Yields:
            The process id, for one who wants to go on earlier.
        """
        pid = self.guest_pid(server_id)
        freeze(pid)
        try:
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def give_group(self, folder: pathlib.Path) -> None:
        """Have everything below a folder, and still to come, be of libvirt's group."""
        if os.geteuid() == 0:
            os.chown(folder, -1, pwd.getpwnam(USER).pw_gid)
            folder.chmod(0o2775)

    def stop(self) -> None:
        """End libvirtd and every guest."""
        if self._process is not None and self._process.poll() is None:
            self._end(signal.SIGKILL)
        for file in (self._run / "libvirt" / "qemu" / "run").glob("*.pid"):
            pid = int(file.read_text())
            if file.name != "driver.pid" and self._is_mine(pid):
                os.kill(pid, signal.SIGKILL)

    def _is_mine(self, pid: int) -> bool:
        """Whether the process is still the guest it was: numbers are given again."""
        try:
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return False
        return str(self._folder).encode() in command

    def _pid_of(self, name: str) -> int:
        run = self._run / "libvirt" / "qemu" / "run"
        return int((run / f"{name}.pid").read_text())

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(30)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "out").read_text()
        done = subprocess.run(
            ["virsh", "--connect", self.uri, "list"], check=False, capture_output=True
        )
        return done.returncode == 0


@contextlib.contextmanager
def running() -> Iterator[PrivateLibvirt]:
    """A libvirtd that answers; ended with all its guests."""
    with folder_for(USER) as folder:
        own = PrivateLibvirt(folder)
        try:
            own.start()
            yield own
        finally:
            own.stop()


def _as_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    group = pwd.getpwnam(USER).pw_gid
    return ["setpriv", f"--reuid={USER}", f"--regid={group}", "--clear-groups"]


def _give_away(path: pathlib.Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(path, user.pw_uid, user.pw_gid)

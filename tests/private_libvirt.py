# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A private libvirtd with real QEMU guests, to be frozen and killed.

It runs in session mode as an unprivileged user. Its sockets, definitions and guests are
in a separate folder. The machine's libvirtd is not involved.
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

# Otherwise libvirt also prints each error that it raises.
libvirt.registerErrorHandler(lambda _context, _error: None, None)

USER = "nobody"


class PrivateLibvirt:
    """One libvirtd and its guests, started and ended by process id.

    Attributes:
        uri: what to connect to, as root or as the user it runs as.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        """Use a folder that everybody can enter.

        If we are root, it belongs to ``USER``.
        """
        self._folder = folder
        self._run = folder / "run"
        self._socket = self._run / "libvirt" / "libvirt-sock"
        self.uri = f"qemu:///session?socket={self._socket}"
        # libvirtd looks for QEMU here.
        self._path = "/usr/sbin:/usr/bin:/sbin:/bin"
        self._process: subprocess.Popen[bytes] | None = None
        conf = folder / "home" / ".config" / "libvirt"
        for path in (self._run, conf):
            path.mkdir(parents=True)
        # Otherwise libvirtd also starts a virtlogd, whose process would be unknown.
        (conf / "qemu.conf").write_text('stdio_handler = "file"\n')
        for path in (folder, *folder.rglob("*")):
            _give_away(path)

    @property
    def pid(self) -> int:
        """The process of libvirtd."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start libvirtd and wait until it answers. It finds running guests again.

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
        # Ask now: libvirtd probes QEMU at the first question, and a guest would wait.
        self.virsh("domcapabilities", "--virttype", "qemu")

    def terminate(self) -> None:
        """Send SIGTERM, as ``systemctl stop`` does. The guests continue."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL. The guests continue."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.terminate()
        self.start()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Send SIGSTOP: connections stay open but get no answers."""
        freeze(self.pid)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def virsh(self, *arguments: str) -> str:
        """Run ``virsh``, which minova does not notice, and return its output."""
        return subprocess.run(
            ["virsh", "--connect", self.uri, "--quiet", *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout.strip()

    def state(self, server_id: str) -> str:
        """Return virsh's word: ``running``, ``paused`` or ``shut off``."""
        return self.virsh("domstate", server_id)

    def is_paused(self, uuid: str) -> bool:
        """Ask libvirt on a separate connection (virDomainGetState)."""
        return self.status(uuid) == "PAUSED"

    def status(self, uuid: str) -> str:
        """Return the status that a server should show, by its guest's state.

        ``GONE`` is our own word: there is no guest.
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
                    # The file it was booted from.
                    return (
                        "RESCUE" if ".rescue</kernel>" in domain.XMLDesc() else "ACTIVE"
                    )
            return "SUSPENDED" if domain.hasManagedSaveImage() else "SHUTOFF"

    def mark(self, uuid: str) -> bytes:
        """Return what a guest wrote into its memory at boot (``tiny_guests.MARKS``)."""
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
        """Return the file with the memory of a suspended guest."""
        name = self.virsh("domname", server_id)
        return self._folder / f"home/.config/libvirt/qemu/save/{name}.save"

    def firmware_variables(self) -> list[pathlib.Path]:
        """Return the folder in which libvirt keeps UEFI's variables of guests."""
        return list(self._folder.glob("home/.config/libvirt/qemu/nvram/*"))

    def guest_pid(self, server_id: str) -> int:
        """Return the process of a guest's QEMU.

        This asks libvirtd for the guest's name.
        """
        return self._pid_of(self.virsh("domname", server_id))

    def kill_guest(self, server_id: str) -> None:
        """``kill -9`` a guest's QEMU."""
        os.kill(self.guest_pid(server_id), signal.SIGKILL)

    def wedge_guest(self, server_id: str) -> pathlib.Path:
        """Leave a guest as if libvirtd had died just before it started the QEMU.

        libvirtd 9 believes that the start is still running, and lets nobody change the
        guest.

        Returns:
            The file to remove before libvirtd's next start, to free the guest.
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
        """SIGSTOP a guest's QEMU. Calls that need its monitor hang; others do not.

        Yields:
            The process id, so that a test can continue the QEMU earlier.
        """
        pid = self.guest_pid(server_id)
        freeze(pid)
        try:
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def give_group(self, folder: pathlib.Path) -> None:
        """Give a folder and all that will be made in it to libvirt's group."""
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
        """Tell whether the process is still that guest, because pids are reused."""
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
    """A libvirtd that answers. It ends with all its guests."""
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

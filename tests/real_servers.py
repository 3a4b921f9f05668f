# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ for tests: its own ports and folder, which end with the tests.

Another broker on this machine is not touched.
"""

import contextlib
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator

from tests import processes


def free_port() -> int:
    """Return a TCP port of the loopback that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], timeout: float, what: str) -> None:
    """Check every 50 ms until something is true. Fail after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Tell whether a port of the loopback accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def freeze(pid: int) -> None:
    """Send SIGSTOP and wait until no thread of the process runs."""
    os.kill(pid, signal.SIGSTOP)
    threads = pathlib.Path(f"/proc/{pid}/task")

    def stopped() -> bool:
        states = [
            (thread / "stat").read_text().rpartition(")")[2].split()[0]
            for thread in threads.iterdir()
        ]
        return set(states) == {"T"}

    wait_until(stopped, 10, f"process {pid} is stopped")


def end(process: subprocess.Popen[bytes], timeout: float = 20) -> None:
    """End a process that was started here.

    If it does not end in time, it and its descendants are killed.
    """
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            processes.kill(process)


@contextlib.contextmanager
def folder_for(user: str) -> Iterator[pathlib.Path]:
    """Make a temporary folder.

    If we are root and the user exists, it owns the folder.
    """
    path = pathlib.Path(tempfile.mkdtemp(prefix="minova-test-"))
    path.chmod(0o755)
    with contextlib.suppress(KeyError, PermissionError):
        owner = pwd.getpwnam(user)
        os.chown(path, owner.pw_uid, owner.pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def as_user(user: str) -> list[str]:
    """Return a command prefix that runs a command as that user, if we are root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]


class RabbitMQ:
    """A broker node for tests."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.port = free_port()
        self._name = f"minova-test-{self.port}@localhost"
        self._folder = folder
        self._vhosts = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {
            "PATH": "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            # Otherwise it also reads the settings in /etc of the machine's own broker.
            "RABBITMQ_CONFIG_FILES": str(folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} "
                # Erlang's schedulers spin before they sleep. Several nodes on few cores
                # would take the time of other processes.
                "+sbwt none +sbwtdcpu none +sbwtdio none "
                "-setcookie minova-test -start_epmd true"
            ),
            "RABBITMQ_CTL_ERL_ARGS": "-setcookie minova-test",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
        }
        (folder / "rabbitmq.conf").write_text(
            "loopback_users.guest = true\ndisk_free_limit.absolute = 50MB\n"
            "log.console = false\n"
        )
        (folder / "plugins").write_text("[].\n")

    def offer_tls(self, certificate: pathlib.Path, key: pathlib.Path) -> int:
        """Listen with TLS too, from the next start on. Return the port."""
        port = free_port()
        with (self._folder / "rabbitmq.conf").open("a") as conf:
            conf.write(
                f"listeners.ssl.1 = 127.0.0.1:{port}\n"
                f"ssl_options.cacertfile = {certificate}\n"
                f"ssl_options.certfile = {certificate}\n"
                f"ssl_options.keyfile = {key}\n"
                "ssl_options.verify = verify_none\n"
            )
        return port

    def offer_management(self) -> str:
        """Enable the management API from the next start on. Return its URL."""
        port = free_port()
        (self._folder / "plugins").write_text("[rabbitmq_management].\n")
        with (self._folder / "rabbitmq.conf").open("a") as conf:
            conf.write(f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n")
        return f"http://127.0.0.1:{port}"

    def start(self) -> None:
        """Start the node and wait until it accepts connections."""
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*as_user("rabbitmq"), "/usr/lib/rabbitmq/bin/rabbitmq-server"],
                env=self._env,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_until(lambda: listens(self.port), 60, "RabbitMQ listens")

    def stop(self) -> None:
        """End the node. Its queues stay in its folder."""
        if self._process is not None:
            end(self._process)
            # The node and its name server are in the session that the script began.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            wait_until(lambda: not listens(self.port), 30, "RabbitMQ is down")
            # Erlang's name server becomes a daemon outside that session.
            subprocess.run(
                [*as_user("rabbitmq"), "epmd", "-kill"],
                env=self._env,
                cwd=self._folder,
                check=False,
                capture_output=True,
            )
            self._process = None

    def kill(self) -> None:
        """Kill the node like ``kill -9``. ``start()`` brings it back."""
        assert self._process is not None
        os.kill(self._beam(), signal.SIGKILL)
        self._process.wait(30)
        self.stop()

    def freeze(self) -> None:
        """Freeze the node: its connections stay open but get no answers."""
        freeze(self._beam())

    def thaw(self) -> None:
        os.kill(self._beam(), signal.SIGCONT)

    @property
    def pid(self) -> int:
        """The process that was started first. The node is its child."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether the node was started and accepts connections."""
        return self._process is not None and listens(self.port)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    @contextlib.contextmanager
    def alarm(self, kind: str) -> Iterator[None]:
        """Block all publishers. ``kind`` is ``memory`` or ``disk``."""
        on, off = {
            "memory": (
                ("set_vm_memory_high_watermark", "0"),
                ("set_vm_memory_high_watermark", "0.4"),
            ),
            "disk": (
                ("set_disk_free_limit", "100000GB"),
                ("set_disk_free_limit", "50MB"),
            ),
        }[kind]
        self.ctl(*on)
        try:
            yield
        finally:
            self.ctl(*off)

    def cut_connections(self) -> None:
        """Have the node close every connection, as an operator can."""
        self.ctl("close_all_connections", "cut by a test")

    def _beam(self) -> int:
        """The process id of the node itself, a child in the script's session."""
        assert self._process is not None
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                head, tail = stat.read_text().rsplit(")", 1)
                if head.endswith("(beam.smp") and (
                    int(tail.split()[3]) == self._process.pid
                ):
                    return int(head.split()[0])
        raise ProcessLookupError(f"no node in session {self._process.pid}")

    def new_vhost(self) -> str:
        """Create a virtual host and return its URL.

        Without it, hosts of the same name would share a queue.
        """
        name = f"test-{next(self._vhosts)}"
        self.ctl("add_vhost", name)
        self.ctl("set_permissions", "--vhost", name, "guest", ".*", ".*", ".*")
        return f"rabbit://guest:guest@127.0.0.1:{self.port}/{name}"

    def new_user(self, name: str, password: str, vhost: str) -> None:
        """Create a user for one virtual host, as stack.sh does."""
        self.ctl("add_user", name, password)
        self.ctl("set_permissions", "--vhost", vhost, name, ".*", ".*", ".*")

    def ctl(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` and return its output (about 1 s)."""
        return subprocess.run(
            [
                *as_user("rabbitmq"),
                "/usr/lib/rabbitmq/bin/rabbitmqctl",
                *("--quiet", "--node", self._name),
                *arguments,
            ],
            env=self._env,
            cwd=self._folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextlib.contextmanager
def rabbitmq() -> Iterator[RabbitMQ]:
    """A running broker (about 5 s to start)."""
    with folder_for("rabbitmq") as folder:
        broker = RabbitMQ(folder)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api and n-cpu as real processes, on their own ports and in their own folders."""

import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import sqlalchemy as sa
from requests import adapters

from tests import processes, tick_image, tiny_guests
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import end, free_port, listens, wait_until
from tests.tick_image import TICK

BIN = pathlib.Path(sys.executable).parent
ROOT = pathlib.Path(__file__).parents[1]
GUNICORN_CONF = ROOT / "etc/minova/gunicorn.conf.py"


class Cluster:
    """One n-api, and compute hosts by name.

    Attributes:
        url: the URL of n-api.
        logs: the folder of ``n-api.log`` and, under the host's name, ``n-cpu.log``.
        extra: more groups for the configuration file.
        room: the RAM allocation ratio of a host.
        wsgi: the application that gunicorn loads.
        compute_command: the command that starts n-cpu, without its options.
        environment: more variables for both daemons.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        transport_url: str,
        connection: str,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.logs = folder / "logs"
        self.connection = connection
        self.transport_url = transport_url
        self.vhost = transport_url.rsplit("/", 1)[1]
        self._api: subprocess.Popen[bytes] | None = None
        self._hosts: dict[str, subprocess.Popen[bytes]] = {}
        self.extra = ""
        self.libvirt_uri = "test:///default"
        self.virt_type = "test"
        self.call_timeout = 20.0
        self.room = 1000.0
        self.settling = "settle_interval = 1\nsettle_grace = 8\n"
        self.wsgi = "minova.wsgi.api:application"
        self.compute_command: list[str] = [str(BIN / "minova-compute")]
        self.environment: dict[str, str] = {}
        self.session = requests.Session()
        self.session.mount("http://", adapters.HTTPAdapter(pool_maxsize=64))
        self.put_image(tiny_guests.HALTS)

    def use(self, libvirt: PrivateLibvirt) -> None:
        """Use real guests. Everybody must be able to enter the folder.

        libvirt's user accesses the folders of guests by their group, which they inherit
        from the parent folder.
        """
        self.libvirt_uri = libvirt.uri
        self.virt_type = "qemu"
        instances = self.folder / "instances"
        instances.mkdir()
        libvirt.give_group(instances)

    def migrate(self) -> None:
        subprocess.run(
            [
                BIN / "minova-manage",
                "--config-file",
                self.write_config("api"),
                "db",
                "sync",
            ],
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
        )

    def start_api(self, **options: str) -> None:
        """Start n-api and wait until it answers. Options go into ``[DEFAULT]``."""
        file = self.write_config("api", **options)
        # gunicorn searches the folder where it is started first.
        checkout = self.environment.get("PYTHONPATH", ROOT)
        self._api = subprocess.Popen(
            [BIN / "gunicorn", "--config", "etc/minova/gunicorn.conf.py", self.wsgi],
            cwd=checkout,
            env=os.environ
            | self.environment
            | {
                "OS_MINOVA_CONFIG_DIR": str(file.parent),
                "MINOVA_API_BIND": f"127.0.0.1:{self.port}",
            },
            stdout=(self.folder / "n-api.out").open("ab"),
            stderr=subprocess.STDOUT,
        )
        wait_until(lambda: listens(self.port), 60, "n-api listens")

    def stop_api(self) -> None:
        if self._api is not None:
            # A worker of the former n-api may miss SIGTERM at its start. gunicorn kills
            # it after 30 s.
            end(self._api, timeout=40)
            self._api = None

    def start_host(
        self, host: str = "host-1", *, consumes_within: float = 30, **options: str
    ) -> None:
        """Start an n-cpu and wait until it consumes."""
        log = self.log_of(host)
        seen = log.stat().st_size if log.exists() else 0
        file = self.write_config(host, host=host, **options)
        self._hosts[host] = subprocess.Popen(
            [*self.compute_command, "--config-file", str(file)],
            env=os.environ | self.environment,
            stdout=(self.folder / f"{host}.out").open("ab"),
            stderr=subprocess.STDOUT,
            # Without root, libvirt runs a guest with the group of the guest's files.
            umask=0o002,
        )

        def consumes() -> bool:
            return log.exists() and b"Consuming from" in log.read_bytes()[seen:]

        wait_until(consumes, consumes_within, f"{host} consumes")

    def stop_host(self, host: str = "host-1") -> None:
        end(self._hosts.pop(host))

    def kill_api(self) -> None:
        """End n-api and its workers like ``kill -9``."""
        if self._api is not None:
            processes.kill(self._api)
            self._api = None

    def kill_host(self, host: str = "host-1") -> None:
        """End an n-cpu, parent and worker, like ``kill -9``."""
        processes.kill(self._hosts.pop(host))

    def api_processes(self) -> list[int]:
        """Return the pids of n-api. The parent comes first."""
        return [] if self._api is None else processes.family(self._api.pid)

    def host_processes(self, host: str = "host-1") -> list[int]:
        """Return the pids of an n-cpu. The parent comes first."""
        process = self._hosts.get(host)
        return [] if process is None else processes.family(process.pid)

    def stop(self) -> None:
        for host in list(self._hosts):
            self.stop_host(host)
        self.stop_api()

    def api_workers(self) -> list[pathlib.Path]:
        """Return the /proc folders of n-api's workers."""
        assert self._api is not None
        listed = subprocess.run(
            ["pgrep", "--parent", str(self._api.pid)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return [pathlib.Path("/proc", pid) for pid in listed.split()]

    def log_of(self, host: str) -> pathlib.Path:
        return self.logs / host / "n-cpu.log"

    def api_log(self) -> str:
        return (self.logs / "api" / "n-api.log").read_text()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "demo:demo",
        version: str = "2.1",
    ) -> requests.Response:
        """Send a request. A body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return self.session.request(
            method,
            f"{self.url}/v2.1{path}",
            data=data,
            headers={
                "X-Auth-Token": token,
                "Content-Type": "application/json",
                "Accept": "application/json",
                "OpenStack-API-Version": f"compute {version}",
            },
            timeout=60,
        )

    def create_server(
        self,
        name: str = "one",
        *,
        token: str = "demo:demo",
        version: str = "2.1",
        **values: Any,
    ) -> str:
        """Create a server, wait until it is ACTIVE, and return its id."""
        server = {"name": name, "imageRef": TICK, "flavorRef": "42"} | values
        body = {"server": server}
        answer = self.ask("POST", "/servers", body, token=token, version=version)
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        self.wait_for(server_id, "ACTIVE")
        return server_id

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}", token="admin")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()["server"]
        return shown

    def wait_for(self, server_id: str, status: str, timeout: float = 20) -> None:
        """Wait until a server has a status and no task."""

        def reached() -> bool:
            server = self.show(server_id)
            return server["status"] == status and not server["OS-EXT-STS:task_state"]

        try:
            wait_until(reached, timeout, f"{server_id} is {status}")
        except TimeoutError as late:
            server = self.show(server_id)
            late.add_note(f"it is {server['status']}: {server.get('fault')}")
            raise

    def hosts(self) -> dict[str, str]:
        """Return the state of each host that ever sent a heartbeat.

        An admin sees ``up`` or ``down``.
        """
        services = self.ask("GET", "/os-services", token="admin").json()["services"]
        return {service["host"]: service["state"] for service in services}

    def act(self, server_id: str, action: str) -> requests.Response:
        return self.ask("POST", f"/servers/{server_id}/action", {action: None})

    def record(
        self, server_id: str, request_id: str, version: str = "2.1"
    ) -> dict[str, Any]:
        """Return one accepted request with its events, as an admin sees it."""
        path = f"/servers/{server_id}/os-instance-actions/{request_id}"
        answer = self.ask("GET", path, token="admin", version=version)
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = answer.json()["instanceAction"]
        return record

    def set_server(self, server_id: str, assignments: str, **values: Any) -> None:
        """Set columns of a server's row while the daemons do not know it.

        Args:
            assignments: the SQL after SET. Names with a colon are keys of ``values``.
        """
        statement = f"UPDATE instances SET {assignments} WHERE uuid = :uuid"
        assert self.execute(statement, uuid=server_id, **values) == 1

    def execute(self, statement: str, **values: Any) -> int:
        """Write to the database directly and return how many rows changed."""
        engine = sa.create_engine(self.connection, poolclass=sa.NullPool)
        with engine.begin() as connection:
            return connection.execute(sa.text(statement), values).rowcount

    def write_config(self, name: str, **options: str) -> pathlib.Path:
        values = {
            "debug": "true",
            "state_path": str(self.folder),
            "log_dir": str(self.logs / name),
            "transport_url": self.transport_url,
            "deployment_id": f"test-{self.port}",
            "report_interval": "1",
            "service_down_time": "5",
            "allow_resize_to_same_host": "true",
        } | options
        folder = self.folder / "etc" / name
        folder.mkdir(parents=True, exist_ok=True)
        (self.logs / name).mkdir(parents=True, exist_ok=True)
        file = folder / "minova.conf"
        file.write_text(
            "[DEFAULT]\n"
            + "".join(f"{key} = {value}\n" for key, value in values.items())
            + f"[database]\nconnection = {self.connection}\n"
            + f"[libvirt]\nconnection_uri = {self.libvirt_uri}\n"
            + f"virt_type = {self.virt_type}\ncall_timeout = {self.call_timeout}\n"
            + f"[compute]\n{self.settling}"
            # libvirt's test host has 3 GiB. Leave room for the servers of all tests.
            + f"cpu_allocation_ratio = 1000\nram_allocation_ratio = {self.room}\n"
            # No quotas. Tests of quotas set some for their own projects.
            + "[quota]\ninstances = -1\ncores = -1\nram = -1\n"
            + self.extra
        )
        return file

    def put_image(self, kernel: bytes, **properties: str) -> None:
        """Let the only image boot this kernel. Call it before anything is started."""
        tick_image.put(self.folder / "images", kernel, **properties)


@contextmanager
def running(
    folder: pathlib.Path, transport_url: str, connection: str, port: int | None = None
) -> Iterator[Cluster]:
    """A cluster of n-api and ``host-1``. Its processes end with the context."""
    cluster = Cluster(folder, transport_url, connection, port)
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


def poll(seconds: float) -> Iterator[None]:
    """Yield every 50 ms for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)

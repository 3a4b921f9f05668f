# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The growing cluster that ``scale.py`` and ``growth.py`` measure."""

import http.client
import json
import pathlib
import subprocess
import sys
import time
from typing import Any, Final

import sqlalchemy as sa

from benchmarks.sites.one_host import DRIVER
from tests import many_servers, real_mariadb, real_servers
from tests.cluster import Cluster
from tests.real_servers import wait_until
from tests.tick_image import TICK

REAL_HOSTS: Final = 10
"""How many hosts have a separate n-cpu. Later hosts share processes."""
_HOSTS_OF_A_PROCESS: Final = 38
_TRIES: Final = 20
_HEADERS: Final = {
    "X-Auth-Token": "admin:admin",
    "Content-Type": "application/json",
    "OpenStack-API-Version": "compute 2.90",
}


class Client:
    """A kept-alive connection, as an admin."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request.  Repeat it after a 503, because the machine may be busy."""
        for _ in range(_TRIES):
            status, text = self._send(method, path, body)
            if status != 503:
                break
            time.sleep(2)
        if status not in (200, 202, 204):
            raise SystemExit(f"{method} {path}: {status} {text!r}")
        return json.loads(text) if text else None

    def _send(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, f"/v2.1{path}", data, _HEADERS)
            answer = self._connection.getresponse()
        except ConnectionError:
            # n-api closed the idle connection. The next request opens another.
            self._connection.close()
            self._connection.request(method, f"/v2.1{path}", data, _HEADERS)
            answer = self._connection.getresponse()
        return answer.status, answer.read()

    def create(self, host: str | None = None) -> str:
        server = {
            "name": "created",
            "imageRef": TICK,
            "flavorRef": "42",
            "networks": "none",
        } | ({} if host is None else {"host": host})
        created = self.ask("POST", "/servers", {"server": server})
        return str(created["server"]["id"])

    def wait_for(self, server_id: str, status: str, pause: float = 0.1) -> None:
        """Poll every ``pause`` seconds, until the server has the status and no task."""
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline:
            server = self.ask("GET", f"/servers/{server_id}")["server"]
            if server["status"] == status and not server["OS-EXT-STS:task_state"]:
                return
            time.sleep(pause)
        raise TimeoutError(f"{server_id} is not {status} after 60 s")


class Site:
    """A cluster that grows."""

    def __init__(
        self,
        folder: pathlib.Path,
        broker: real_servers.RabbitMQ,
        mariadb: real_mariadb.MariaDB,
    ) -> None:
        self.broker = broker
        self.mariadb = mariadb
        url = mariadb.url_of("minova", DRIVER)
        self.cluster = Cluster(folder, broker.new_vhost(), url)
        # Use minova's default intervals, not those of tests.
        self.cluster.settling = "driver = fake\n"
        self._options = {
            "debug": "false",
            "report_interval": "10",
            "service_down_time": "60",
        }
        self._crowds: list[subprocess.Popen[bytes]] = []
        self._engine = sa.create_engine(url)
        self.cluster.migrate()
        self.cluster.start_api(**self._options)
        self.client = Client(self.cluster.port)
        self.hosts = self.servers = 0

    def grow(self, hosts: int, servers: int, created: int) -> list[str]:
        """Add hosts and servers up to these numbers. Return the created servers."""
        for number in range(self.hosts + 1, min(hosts, REAL_HOSTS) + 1):
            self.cluster.start_host(
                f"full-{number}", consumes_within=120, **self._options
            )
        first = max(self.hosts, REAL_HOSTS) + 1
        for start in range(first, hosts + 1, _HOSTS_OF_A_PROCESS):
            last = min(start + _HOSTS_OF_A_PROCESS, hosts + 1)
            self._start_crowd([f"full-{number}" for number in range(start, last)])
        inserted = servers - created - self.servers
        if inserted:
            many_servers.add_servers(
                self._engine, self.servers + 1, self.servers + inserted, hosts=hosts
            )
        self.servers += inserted
        self.hosts = hosts
        wait_until(lambda: self._alive() == hosts, 300, f"{hosts} hosts are alive")
        self.servers += created
        made = [self.client.create() for _ in range(created)]
        for server_id in made:
            self.client.wait_for(server_id, "ACTIVE")
        return made

    def crowds(self) -> list[int]:
        """Return the processes with many hosts each."""
        return [crowd.pid for crowd in self._crowds]

    def _start_crowd(self, hosts: list[str]) -> None:
        file = self.cluster.write_config(f"crowd-{hosts[0]}", **self._options)
        command = pathlib.Path(__file__).with_name("many_hosts.py")
        self._crowds.append(
            subprocess.Popen(
                [sys.executable, command, ",".join(hosts), "--config-file", file],
                stdout=(self.cluster.folder / "crowds.out").open("ab"),
                stderr=subprocess.STDOUT,
            )
        )

    def _alive(self) -> int:
        services = self.client.ask("GET", "/os-services")["services"]
        return sum(service["state"] == "up" for service in services)

    def stop(self) -> None:
        for crowd in self._crowds:
            real_servers.end(crowd)
        self.cluster.stop()
        self._engine.dispose()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster with one host, for most benchmarks, and its clients."""

import contextlib
import http.client
import json
import pathlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests import cluster as clusters
from tests import private_libvirt, processes, real_mariadb, real_servers
from tests.cluster import Cluster
from tests.tick_image import TICK

_HEADERS: Final = {"X-Auth-Token": "bench:bench", "Content-Type": "application/json"}

DRIVER: Final = "mysqldb"
"""The driver for MariaDB, as in ``stack.sh``."""

_OWN_INTERVALS: Final = {"report_interval": "10", "service_down_time": "60"}
"""minova's default intervals.  Tests use shorter ones."""


class Client:
    """A kept-alive connection, as a member of a project."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/v2.1{path}", data, _HEADERS)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def get(self, path: str) -> bytes:
        status, text = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"GET {path}: {status} {text!r}")
        return text

    def act(self, server_id: str, action: str) -> None:
        status, text = self.ask("POST", f"/servers/{server_id}/action", {action: None})
        if status != 202:
            raise SystemExit(f"{action}: {status} {text!r}")

    def create(self, name: str) -> str:
        server = {"name": name, "imageRef": TICK, "flavorRef": "42"}
        status, text = self.ask("POST", "/servers", {"server": server})
        if status != 202:
            raise SystemExit(f"create: {status} {text!r}")
        server_id: str = json.loads(text)["server"]["id"]
        return server_id

    def wait_for(self, server_id: str, status: str, pause: float = 0.0) -> None:
        """Poll every ``pause`` seconds, until the server has the status and no task."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            server = json.loads(self.get(f"/servers/{server_id}"))["server"]
            if server["status"] == status and not server["OS-EXT-STS:task_state"]:
                return
            if pause:
                time.sleep(pause)
        raise TimeoutError(f"{server_id} is not {status} after 120 s")

    def close(self) -> None:
        self._connection.close()


def at_once(clients: int, port: int, work: Callable[[int, Client], None]) -> None:
    """Run ``work`` with a number of clients, each on a separate thread."""

    def run(number: int) -> None:
        client = Client(port)
        try:
            work(number, client)
        finally:
            client.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Site:
    """A cluster with servers, and the processes around it.

    Attributes:
        beside: pids of RabbitMQ and the database, which are not part of minova.
    """

    def __init__(self, cluster: Cluster, servers: int, beside: list[int]) -> None:
        self.cluster = cluster
        # Use the default options.
        cluster.settling = ""
        # stack.sh also starts the daemons with this.
        cluster.environment = {"MALLOC_ARENA_MAX": "2"}
        cluster.migrate()
        cluster.start_host("host-1", consumes_within=30, **_OWN_INTERVALS)
        cluster.start_api(**_OWN_INTERVALS)
        self.client = Client(cluster.port)
        self.beside = beside
        self.servers = [self.client.create(f"bench-{n}") for n in range(servers)]
        for server_id in self.servers:
            self.client.wait_for(server_id, "ACTIVE", 0.1)

    def own(self) -> list[int]:
        """Return the processes of n-api and n-cpu."""
        return self.cluster.api_processes() + self.cluster.host_processes()


@contextlib.contextmanager
def site(
    broker: real_servers.RabbitMQ, database: str, servers: int, *, guests: bool
) -> Iterator[tuple[Site, str]]:
    """Start a site.  Yield it and the URI of its libvirt.

    Args:
        database: ``sqlite`` or ``mysql``.
        guests: use QEMU guests, not libvirt's test driver.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(real_servers.folder_for(private_libvirt.USER))
        connection = f"sqlite:///{folder}/minova.sqlite"
        beside = processes.family(broker.pid)
        if database == "mysql":
            mariadb = stack.enter_context(real_mariadb.mariadb())
            connection = mariadb.url_of("minova", DRIVER)
            beside += processes.family(mariadb.pid)
        cluster = Cluster(folder, broker.new_vhost(), connection)
        if guests:
            cluster.use(stack.enter_context(private_libvirt.running()))
        stack.callback(cluster.stop)
        yield Site(cluster, servers, beside), cluster.libvirt_uri


@contextlib.contextmanager
def empty_app() -> Iterator[tuple[Client, list[int]]]:
    """Start the empty resource.  Yield a client and the pids.

    It runs under gunicorn's own worker for threads, not under n-api's, which would make
    the yardstick faster with each improvement.
    """
    port = real_servers.free_port()
    process = subprocess.Popen(
        [
            clusters.BIN / "gunicorn",
            *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
            *("--keep-alive", "600"),
            *("--bind", f"127.0.0.1:{port}", "benchmarks.sites.empty_app:application"),
        ],
        cwd=pathlib.Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        real_servers.wait_until(
            lambda: real_servers.listens(port), 60, "the empty resource listens"
        )
        client = Client(port)
        client.get("/empty")
        yield client, processes.family(process.pid)
        client.close()
    finally:
        real_servers.end(process)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster of which each part can be killed, and a guest that somebody watches."""

import contextlib
import pathlib
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import requests
import sqlalchemy as sa

from tests import private_libvirt
from tests.cluster import Cluster
from tests.fault_points import points
from tests.holding_proxy import HoldingProxy, proxy_to
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ, folder_for, wait_until
from tests.watched_guests import Watch, WatchedLibvirt

HOST = "host-1"


class Rig:
    """n-api, n-cpu, broker, database, hypervisor, and one server.

    Attributes:
        points: where n-api and n-cpu can be stopped.
        proxy: between n-api and the broker.
        server_id: of the one server.
        watch: what its QEMU did.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        broker: RabbitMQ,
        proxy: HoldingProxy,
        hypervisor: WatchedLibvirt,
        mariadb: MariaDB | None,
    ) -> None:
        self.broker, self.hypervisor, self.mariadb = broker, hypervisor, mariadb
        self.proxy = proxy
        self.points = points.Points(folder / "points")
        url = f"sqlite:///{folder}/minova.sqlite" if mariadb is None else mariadb.url
        self._transport_url = broker.new_vhost()
        self.cluster = Cluster(folder, self._transport_url, url)
        self.cluster.use(hypervisor)
        self.cluster.wsgi = "tests.fault_points.n_api:application"
        self.cluster.compute_command = [
            sys.executable,
            "-m",
            "tests.fault_points.n_cpu",
        ]
        self.cluster.environment = {points.FOLDER: str(folder / "points")}
        self._engine = sa.create_engine(url, pool_pre_ping=True)
        self._holder: sqlite3.Connection | None = None
        self.server_id = ""
        self.watch: Watch

    def start(self) -> None:
        self.cluster.migrate()
        self.start_host()
        self.start_api()
        self.server_id = self.cluster.create_server()
        self.watch = self.hypervisor.watch(self.server_id)

    def start_api(self) -> None:
        through = self._transport_url.replace(
            f":{self.broker.port}/", f":{self.proxy.port}/"
        )
        self.cluster.start_api(transport_url=through)

    def start_host(self) -> None:
        self.cluster.start_host(HOST)

    def stop(self) -> None:
        self.points.clear()
        self.heal()
        self.cluster.stop()
        self._engine.dispose()

    def lock_database(self) -> None:
        """Hold SQLite's one write lock, as a writer does that never commits."""
        path = self.cluster.connection.removeprefix("sqlite:///")
        self._holder = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._holder.execute("BEGIN IMMEDIATE")

    def unlock_database(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def heal(self) -> None:
        """Bring back whatever is away."""
        self.proxy.let_go()
        self.unlock_database()
        if self.hypervisor.is_running():
            self.hypervisor.thaw()
        else:
            self.hypervisor.start()
        if self.mariadb is not None and not self.mariadb.is_running():
            self.mariadb.start()
        if not self.broker.is_running():
            self.broker.start()
        if not self.cluster.host_processes():
            self.start_host()
        if not self.cluster.api_processes():
            self.start_api()

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response | None:
        """Ask n-api on a connection of its own; None when nobody answers."""
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            return requests.request(
                method,
                f"{self.cluster.url}/v2.1{path}",
                json=body,
                headers={"X-Auth-Token": "admin"},
                timeout=40,
            )
        return None

    def act(self, action: str) -> requests.Response | None:
        return self.ask("POST", f"/servers/{self.server_id}/action", {action: None})

    def server(self) -> dict[str, Any] | None:
        """The server as n-api shows it, or None when it does not."""
        answer = self.ask("GET", f"/servers/{self.server_id}")
        if answer is None or answer.status_code != 200:
            return None
        shown: dict[str, Any] = answer.json()["server"]
        return shown

    def records(self) -> list[dict[str, Any]]:
        """Every request on record, oldest first, each with its events."""
        path = f"/servers/{self.server_id}/os-instance-actions"
        answer = self.ask("GET", path)
        assert answer is not None
        assert answer.status_code == 200, answer.text
        ids = [record["request_id"] for record in answer.json()["instanceActions"]]
        return [self.cluster.record(self.server_id, each) for each in reversed(ids)]

    def faults(self) -> list[str]:
        """The message of every fault on record."""
        query = sa.text(
            "SELECT message FROM instance_faults"
            " WHERE instance_uuid = :uuid ORDER BY id"
        )
        with self._engine.connect() as connection:
            return list(connection.scalars(query, {"uuid": self.server_id}))

    def transitions(self) -> Counter[str]:
        """What the guest's QEMU did since it was started."""
        return self.watch.count()

    def bring_to(self, status: str) -> None:
        """Have the server ACTIVE or PAUSED, by a request where it is not.

        The request may have to be asked again: a service that has just come back may
        not be found yet.
        """
        action = {"ACTIVE": "unpause", "PAUSED": "pause"}[status]
        deadline = time.monotonic() + 30
        while not self.is_at_rest() or self._status() != status:
            assert time.monotonic() < deadline, f"not {status}: {self.server()}"
            if self.is_at_rest():
                self.act(action)
            time.sleep(0.05)

    def agrees(self, *, by_hand: bool = False) -> bool:
        """Whether the row says what the guest does, by virDomainGetState.

        Args:
            by_hand: whether somebody may have suspended it with virsh. Nova leaves such
                a server ``active`` and shows its ``power_state``.
        """
        server = self.server()
        if server is None or server["OS-EXT-STS:task_state"] is not None:
            return False
        row = (server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:power_state"])
        paused = self.hypervisor.is_paused(self.server_id)
        if by_hand and paused and row == ("active", 3):
            return True
        return row == (("paused", 3) if paused else ("active", 1))

    def is_at_rest(self) -> bool:
        server = self.server()
        return server is not None and server["OS-EXT-STS:task_state"] is None

    def wait_at_rest(self, timeout: float) -> None:
        wait_until(self.is_at_rest, timeout, "the server has no task")

    def _status(self) -> str | None:
        server = self.server()
        return server["status"] if server else None


@contextlib.contextmanager
def rig(
    broker: RabbitMQ, hypervisor: WatchedLibvirt, mariadb: MariaDB | None
) -> Iterator[Rig]:
    """A running rig (10 s) on MariaDB, or without one on SQLite."""
    # QEMU runs as this user and reads the kernel in it.
    with folder_for(private_libvirt.USER) as folder, proxy_to(broker.port) as proxy:
        running = Rig(folder, broker, proxy, hypervisor, mariadb)
        try:
            running.start()
            yield running
        finally:
            running.stop()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster whose parts can be killed, and a watched guest."""

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

from tests import private_libvirt, tiny_guests
from tests.cluster import Cluster
from tests.fault_points import points
from tests.faults import kinds
from tests.faults.kinds import Asked
from tests.holding_proxy import HoldingProxy, proxy_to
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ, folder_for, wait_until
from tests.watched_guests import Watch, WatchedLibvirt

HOST = "host-1"

_POWER_STATE = {"ACTIVE": 1, "RESCUE": 1, "PAUSED": 3, "SUSPENDED": 4, "SHUTOFF": 4}


class Rig:
    """n-api, n-cpu, broker, database, hypervisor, and one server.

    Attributes:
        points: where n-api and n-cpu can be stopped.
        proxy: between n-api and the broker.
        server_id: of the only server.
        watch: what the server's QEMU did.
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
        # Do not wait for guests that ignore their power button.
        self.cluster.put_image(tiny_guests.MARKS, os_shutdown_timeout="0")
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
        """Hold SQLite's only write lock, like a writer that never commits."""
        path = self.cluster.connection.removeprefix("sqlite:///")
        self._holder = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._holder.execute("BEGIN IMMEDIATE")

    def unlock_database(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def heal(self) -> None:
        """Bring all parts back."""
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
        """Ask n-api on a new connection. Return None when nobody answers."""
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            return requests.request(
                method,
                f"{self.cluster.url}/v2.1{path}",
                json=body,
                headers={"X-Auth-Token": "admin"},
                timeout=40,
            )
        return None

    def act(self, asked: Asked) -> requests.Response | None:
        return self.ask("POST", f"/servers/{self.server_id}/action", asked.body)

    def server(self) -> dict[str, Any] | None:
        """Return the server as n-api shows it, or None."""
        answer = self.ask("GET", f"/servers/{self.server_id}")
        if answer is None or answer.status_code != 200:
            return None
        shown: dict[str, Any] = answer.json()["server"]
        return shown

    def records(self) -> list[dict[str, Any]]:
        """Return every recorded request with its events, oldest first."""
        path = f"/servers/{self.server_id}/os-instance-actions"
        answer = self.ask("GET", path)
        assert answer is not None
        assert answer.status_code == 200, answer.text
        ids = [record["request_id"] for record in answer.json()["instanceActions"]]
        return [self.cluster.record(self.server_id, each) for each in reversed(ids)]

    def faults(self) -> list[str]:
        """Return the message of every recorded fault."""
        query = sa.text(
            "SELECT message FROM instance_faults"
            " WHERE instance_uuid = :uuid ORDER BY id"
        )
        with self._engine.connect() as connection:
            return list(connection.scalars(query, {"uuid": self.server_id}))

    def did(self) -> Counter[str]:
        """Return all that the guest has done since it was made (``Watch.count``)."""
        return self.watch.count()

    def mark(self) -> bytes:
        """Return the mark that the guest wrote into its memory when it booted.

        The guest may need a moment to write it.
        """
        wait_until(
            lambda: any(self.hypervisor.mark(self.server_id)),
            10,
            "the guest has booted",
        )
        return self.hypervisor.mark(self.server_id)

    def bring_to(self, status: str) -> None:
        """Bring the server to a status by requests, if it is not there.

        A request may have to be repeated, because a service that has just come back may
        not be found yet.
        """
        deadline = time.monotonic() + 30
        while not self.is_at_rest() or (now := self._status()) != status:
            assert time.monotonic() < deadline, f"not {status}: {self.server()}"
            if self.is_at_rest() and now is not None:
                self.act(kinds.INTO[status] if now == "ACTIVE" else kinds.OUT_OF[now])
            time.sleep(0.05)
        if status in {"ACTIVE", "PAUSED"}:
            wait_until(self.watch.hears, 10, "the guest is listened to")

    def agrees(self, *, by_hand: bool = False) -> bool:
        """Tell whether the row agrees with the guest (virDomainGetState).

        Args:
            by_hand: whether the guest may have been suspended with virsh. Nova leaves
                such a server ``active`` and shows its ``power_state``.
        """
        server = self.server()
        if server is None or server["OS-EXT-STS:task_state"] is not None:
            return False
        row = (server["status"], server["OS-EXT-STS:power_state"])
        guest = self.hypervisor.status(self.server_id)
        if by_hand and guest == "PAUSED" and row == ("ACTIVE", 3):
            return True
        return row[1] == _POWER_STATE[guest] and self.is_guest_of(row[0])

    def is_guest_of(self, status: str) -> bool:
        """Tell whether the guest is in the state that the server's status needs."""
        guest = "ACTIVE" if status == "VERIFY_RESIZE" else status
        return self.hypervisor.status(self.server_id) == guest

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
    """A running rig (10 s), on MariaDB if there is a URL, else on SQLite."""
    # QEMU runs as this user and reads the kernel in the folder.
    with folder_for(private_libvirt.USER) as folder, proxy_to(broker.port) as proxy:
        running = Rig(folder, broker, proxy, hypervisor, mariadb)
        try:
            running.start()
            yield running
        finally:
            running.stop()

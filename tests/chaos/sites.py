# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The installed product, on services that can be killed, with watched guests."""

import contextlib
import pathlib
import signal
import sqlite3
import time
from collections.abc import Iterator

from tests import (
    private_libvirt,
    processes,
    real_mariadb,
    real_servers,
    tiny_guests,
    watched_guests,
)
from tests.cluster import Cluster
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ
from tests.watched_guests import Watch, WatchedLibvirt

HOST = "host-1"


class Site:
    """One n-api, one n-cpu, RabbitMQ, a database and libvirtd, with default options.

    Attributes:
        watches: what the QEMU of each server did, by server id.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        broker: RabbitMQ,
        hypervisor: WatchedLibvirt,
        mariadb: MariaDB | None,
    ) -> None:
        self.broker, self.hypervisor, self.mariadb = broker, hypervisor, mariadb
        url = f"sqlite:///{folder}/minova.sqlite" if mariadb is None else mariadb.url
        self.cluster = Cluster(folder, broker.new_vhost(), url)
        self.cluster.use(hypervisor)
        # Do not wait for guests that ignore their power button.
        self.cluster.put_image(tiny_guests.HALTS, os_shutdown_timeout="0")
        # One day: deleted servers can be restored during this time.
        self.cluster.extra = "[DEFAULT]\nreclaim_instance_interval = 86400\n"
        # No option is tuned for this test.
        self.cluster.settling = ""
        self.watches: dict[str, Watch] = {}
        self._holder: sqlite3.Connection | None = None

    def start(self, servers: int) -> None:
        self.cluster.migrate()
        self.cluster.start_host(HOST)
        self.cluster.start_api()
        for number in range(servers):
            server_id = self.cluster.create_server(f"chaos-{number}")
            self.watches[server_id] = self.hypervisor.watch(server_id)

    def is_paused_only(self, server_id: str) -> bool:
        """Tell whether a server is only paused and unpaused: every second one is."""
        return list(self.watches).index(server_id) % 2 == 0

    def is_resized(self, server_id: str) -> bool:
        """Tell whether a server is also resized: every fourth one is.

        Settling a resize may boot its guest once more.
        """
        return list(self.watches).index(server_id) % 4 == 3

    def stop(self) -> None:
        self.heal()
        self.cluster.stop()
        for watch in self.watches.values():
            watch.close()

    def heal(self) -> None:
        """Bring all services back, and return when they are up."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None
        if self.hypervisor.is_running():
            self.hypervisor.thaw()
        else:
            self.hypervisor.start()
        if self.mariadb is not None:
            self.mariadb.thaw()
            if not self.mariadb.is_running():
                self.mariadb.start()
        if not self.broker.is_running():
            self.broker.start()
        if not self.cluster.host_processes():
            # Python starts slowly on a busy machine.
            self.cluster.start_host(HOST, consumes_within=120)
        if not self.cluster.api_processes():
            self.cluster.start_api()
        self._wait_for_workers()

    def kill_api_worker(self, number: int) -> None:
        """Kill one worker; gunicorn starts another."""
        workers = self.cluster.api_processes()[1:]
        processes.send([workers[number % len(workers)]], signal.SIGKILL)

    def kill_host_worker(self) -> None:
        """Kill the worker of n-cpu; its parent starts another."""
        processes.send(self.cluster.host_processes(HOST)[1:], signal.SIGKILL)

    def lock_sqlite(self) -> None:
        path = self.cluster.connection.removeprefix("sqlite:///")
        self._holder = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._holder.execute("BEGIN IMMEDIATE")

    def _wait_for_workers(self) -> None:
        """Wait until the parents have replaced their killed workers."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (
                len(self.cluster.api_processes()) > 2
                and len(self.cluster.host_processes(HOST)) > 1
            ):
                return
            time.sleep(0.05)


@contextlib.contextmanager
def site(database: str, servers: int) -> Iterator[Site]:
    """A running site. It starts in 20 s, plus half a second for each server."""
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(real_servers.rabbitmq())
        hypervisor = stack.enter_context(watched_guests.running())
        mariadb = None
        if database == "mysql":
            # A thread for each connection: MariaDB's default. Other tests use a pool.
            mariadb = stack.enter_context(real_mariadb.mariadb(threads=()))
        # QEMU runs as this user and reads the kernel in the folder.
        folder = stack.enter_context(real_servers.folder_for(private_libvirt.USER))
        running = Site(folder, broker, hypervisor, mariadb)
        stack.callback(running.stop)
        running.start(servers)
        yield running

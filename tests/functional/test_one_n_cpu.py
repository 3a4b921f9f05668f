# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Only one n-cpu may serve a host. Others are refused, killed ones restart."""

import contextlib
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys

import pytest

from minova.compute.leaving import Ending
from tests.cluster import Cluster
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ, wait_until

COMPUTE = pathlib.Path(sys.executable).parent / "minova-compute"


def process_of(cluster: Cluster) -> subprocess.Popen[bytes]:
    return cluster._hosts["host-1"]


def worker_of(pid: int) -> int:
    """Return the only process that n-cpu's parent has forked."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
    (child,) = [int(child) for task in tasks for child in task.read_text().split()]
    return child


def is_gone(pid: int) -> bool:
    """A zombie also counts as gone. In a container, nobody may reap it."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def start_second(cluster: Cluster) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMPUTE, "--config-file", cluster.folder / "etc/host-1/minova.conf"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def times_consuming(cluster: Cluster) -> int:
    log = cluster.log_of("host-1")
    return log.read_text().count("Consuming from") if log.exists() else 0


def test_a_second_n_cpu_is_refused_and_the_first_continues(
    own_cluster: Cluster,
) -> None:
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()

    second = start_second(cluster)

    pid = process_of(cluster).pid
    line = f"another n-cpu (process {pid}) already serves host host-1: it holds "
    assert second.returncode == Ending.REFUSED
    assert second.stderr.startswith(f"minova-compute: {line}")
    assert second.stderr.count("\n") == 1
    assert line in cluster.log_of("host-1").read_text()
    assert process_of(cluster).poll() is None
    server_id = cluster.create_server()
    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")


def test_killed_parent_or_worker_consumes_again_at_once(own_cluster: Cluster) -> None:
    """It does not wait for an old heartbeat to expire, and leaves no orphan."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    first = process_of(cluster)
    worker = worker_of(first.pid)

    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: times_consuming(cluster) == 2, 2, "a new worker consumes")
    orphan = worker_of(first.pid)
    first.kill()
    first.wait()
    # 2 s are promised. The rest allows for other load on the machine.
    cluster.start_host(consumes_within=4)

    assert times_consuming(cluster) == 3
    assert is_gone(orphan)
    cluster.create_server()


def set_service(cluster: Cluster, statement: str) -> None:
    path = cluster.connection.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE services SET {statement}")


def test_a_host_served_by_another_machine_is_refused(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"

    # Another machine takes the host. This n-cpu notices at its next heartbeat.
    set_service(cluster, f"boot_id = 'another', last_seen_up = {now}")
    assert process_of(cluster).wait(10) == Ending.REFUSED
    set_service(cluster, f"last_seen_up = {now}")
    refused = start_second(cluster)

    assert refused.returncode == Ending.REFUSED
    assert refused.stderr == (
        "minova-compute: another machine serves host host-1: its heartbeat is less "
        "than 5 s old and has another boot id\n"
    )
    set_service(cluster, "last_seen_up = '2020-01-01 00:00:00.000000'")
    cluster.start_host()
    cluster.create_server()


def test_a_host_is_free_as_soon_as_it_is_left(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host(service_down_time="600")
    cluster.stop_host()

    path = cluster.connection.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT boot_id FROM services").fetchall() == [
            (None,)
        ]


def test_n_cpu_starts_before_its_database(
    rabbitmq: RabbitMQ, mariadb: MariaDB, tmp_path: pathlib.Path
) -> None:
    """It waits, and works once the database is there, without a restart."""
    url = mariadb.new_database("minova_late")
    cluster = Cluster(tmp_path, rabbitmq.new_vhost(), url)
    cluster.migrate()
    mariadb.stop()
    try:
        with pytest.raises(TimeoutError):
            cluster.start_host(consumes_within=1)
        log = cluster.log_of("host-1")
        wait_until(
            lambda: (
                log.exists() and "The database cannot be reached" in log.read_text()
            ),
            30,
            "it has seen that there is no database",
        )
    finally:
        mariadb.start()
    try:
        wait_until(lambda: times_consuming(cluster) == 1, 30, "it consumes")
        cluster.start_api()
        cluster.create_server()
        assert process_of(cluster).poll() is None
        text = log.read_text()
        assert text.count("The database cannot be reached") == 1
        assert text.count("The database is back after") == 1
        assert "Traceback" not in text
    finally:
        cluster.stop()

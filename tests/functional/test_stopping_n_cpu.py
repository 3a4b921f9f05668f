# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM and SIGHUP to n-cpu."""

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Iterator

from tests.cluster import Cluster
from tests.functional.test_one_n_cpu import process_of, times_consuming, worker_of
from tests.real_servers import wait_until


@contextlib.contextmanager
def held(cluster: Cluster) -> Iterator[None]:
    """Block all writes to the cluster's SQLite."""
    path = cluster.connection.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.rollback()


def pause_in_hand(cluster: Cluster, server_id: str) -> None:
    """A pause that n-cpu has received, but cannot begin to store."""
    log = cluster.log_of("host-1")
    wait_until(
        lambda: f"{server_id}] Cannot store the start of pause" in log.read_text(),
        15,
        "the pause is in hand",
    )


def test_sigterm_finishes_running_work(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    process = process_of(cluster)
    worker = worker_of(process.pid)
    os.kill(worker, signal.SIGSTOP)
    assert cluster.act(server_id, "pause").status_code == 202

    with held(cluster):
        os.kill(worker, signal.SIGCONT)
        pause_in_hand(cluster, server_id)
        process.terminate()
        wait_until(
            lambda: (
                "Stopping after the actions" in cluster.log_of("host-1").read_text()
            ),
            5,
            "it stops",
        )
        time.sleep(0.5)
        assert process.poll() is None

    assert process.wait(20) == 0
    server = cluster.show(server_id)
    assert (server["status"], server["OS-EXT-STS:task_state"]) == ("PAUSED", None)


def test_sigterm_has_a_limit_and_the_next_process_settles(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host(graceful_shutdown_timeout="2")
    cluster.start_api()
    server_id = cluster.create_server()
    process = process_of(cluster)
    worker = worker_of(process.pid)
    os.kill(worker, signal.SIGSTOP)
    answer = cluster.act(server_id, "pause")
    assert answer.status_code == 202

    with held(cluster):
        os.kill(worker, signal.SIGCONT)
        pause_in_hand(cluster, server_id)
        began = time.monotonic()
        process.terminate()
        process.wait(20)
        assert time.monotonic() - began < 6

    # libvirt's test driver loses its guests with the process, so the pause must fail.
    cluster.start_host()
    wait_until(
        lambda: cluster.show(server_id)["OS-EXT-STS:task_state"] is None, 10, "settled"
    )
    record = cluster.record(server_id, answer.headers["x-openstack-request-id"])
    assert [event["result"] for event in record["events"]] == ["Error"]


def test_sighup_reloads_and_drops_nothing(own_cluster: Cluster) -> None:
    """The worker process stays, and an unreadable file changes nothing."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    process = process_of(cluster)
    worker = worker_of(process.pid)
    config = cluster.folder / "etc/host-1/minova.conf"
    log = cluster.log_of("host-1")

    def heard(words: str, times: int) -> None:
        """Parent and worker log one line each.

        There may be more from an earlier signal.
        """
        wait_until(lambda: log.read_text().count(words) >= times, 10, words)

    config.write_text(config.read_text().replace("debug = true", "debug = false"))
    process.send_signal(signal.SIGHUP)
    heard("Reloaded the options", 2)
    quiet_from = log.stat().st_size
    for action in ("pause", "unpause") * 5:
        answer = cluster.act(server_id, action)
        assert answer.status_code == 202
        process.send_signal(signal.SIGHUP)
        cluster.wait_for(server_id, {"pause": "PAUSED"}.get(action, "ACTIVE"))
    quiet = log.read_text()[quiet_from:]
    config.write_text(
        config.read_text().replace("settle_grace = 8", "settle_grace = x")
    )
    process.send_signal(signal.SIGHUP)
    heard("Kept the old options", 2)

    assert " DEBUG " not in quiet
    assert f"{server_id}] Unpausing" in quiet
    assert worker_of(process.pid) == worker
    assert times_consuming(cluster) == 1

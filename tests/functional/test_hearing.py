# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu restarts if it hears no messages. A busy n-cpu counts as alive."""

import pathlib
import re
import sys
import time

from tests.cluster import Cluster
from tests.fault_points import points
from tests.functional import raw
from tests.real_servers import wait_until


def test_a_deaf_host_is_down_and_restarts(own_cluster: Cluster) -> None:
    """Its queue is unbound from the exchange: RabbitMQ is up, but no message comes."""
    cluster = own_cluster
    cluster.settling += "hearing_timeout = 8\n"
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()

    with raw.channel(cluster) as channel:
        channel.queue_unbind("compute.host-1", "minova", "compute.host-1")
    assert cluster.act(server_id, "pause").status_code == 503
    wait_until(
        lambda: cluster.hosts()["host-1"] == "down", 15, "the host is seen as down"
    )
    wait_until(lambda: cluster.hosts()["host-1"] == "up", 40, "a new process hears")

    log = cluster.log_of("host-1").read_text()
    assert "This host has not received the message that it sent to itself" in log
    assert re.search(
        r"ERROR .*received nothing for \d+ s, although RabbitMQ accepts messages", log
    )
    said = (cluster.folder / "host-1.out").read_text()
    assert "minova-compute: it has heard nothing for too long\n" in said
    # libvirt's test guests end with their process, so the new process has none.
    other = cluster.create_server("two")
    assert cluster.act(other, "pause").status_code == 202
    cluster.wait_for(other, "PAUSED")


def test_a_host_with_only_busy_threads_hears(
    own_cluster: Cluster, tmp_path: pathlib.Path
) -> None:
    """It has one thread, which waits for a guest, and two more messages."""
    cluster = own_cluster
    steps = points.Points(tmp_path / "points")
    cluster.compute_command = [sys.executable, "-m", "tests.fault_points.n_cpu"]
    cluster.environment = {points.FOLDER: str(tmp_path / "points")}
    # With a long grace time nothing is settled. Settling has its own threads.
    cluster.settling = "settle_interval = 1\nsettle_grace = 60\nhearing_timeout = 3\n"
    cluster.start_host(executor_thread_pool_size="1", rpc_delivery_timeout="2")
    cluster.start_api()
    servers = [cluster.create_server(name) for name in ("one", "two", "three")]
    processes = cluster.host_processes()

    steps.arm("in guest call")
    assert cluster.act(servers[0], "pause").status_code == 202
    steps.wait_reached("in guest call")
    for server_id in servers[1:]:
        assert cluster.act(server_id, "pause").status_code == 202
    until = time.monotonic() + 12
    while time.monotonic() < until:
        assert cluster.hosts() == {"host-1": "up"}
        time.sleep(0.5)
    assert cluster.show(servers[1])["OS-EXT-STS:task_state"] == "pausing"
    steps.go("in guest call")

    for server_id in servers:
        cluster.wait_for(server_id, "PAUSED")
    assert cluster.host_processes() == processes
    log = cluster.log_of("host-1").read_text()
    assert "has not received" not in log

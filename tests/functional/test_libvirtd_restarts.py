# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirtd dies and returns, during a call and between calls."""

import os
import signal
import time

from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until


def test_it_dies_in_the_middle_of_a_suspend(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """Whether the guest was paused is unknown until libvirtd can be asked again."""
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    with libvirt.frozen_guest(server_id):
        paused = cluster.act(server_id, "pause")
        request_id = paused.headers["x-openstack-request-id"]
        log = cluster.log_of("host-1")
        wait_until(lambda: _has(log.read_text(), request_id, " Pausing"), 10, "begun")
        time.sleep(0.5)  # until virDomainSuspend reaches QEMU's monitor
        libvirt.kill()
        lost = "Lost the hypervisor while pausing. The action will be settled"
        wait_until(lambda: _has(log.read_text(), request_id, lost), 10, "it is lost")
        assert cluster.show(server_id)["OS-EXT-STS:task_state"] == "pausing"
    libvirt.start()

    cluster.wait_for(server_id, "PAUSED", timeout=30)

    assert libvirt.state(server_id) == "paused"
    record = cluster.record(server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Success"]


def test_rows_and_events_over_its_restarts(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    died, died_paused, resumed, lives = (
        cluster.create_server(name)
        for name in ("died", "died-paused", "resumed", "lives")
    )
    for server_id in (died_paused, resumed):
        cluster.act(server_id, "pause")
        cluster.wait_for(server_id, "PAUSED")
    guests = [libvirt.guest_pid(server_id) for server_id in (died, died_paused)]

    # Some restarts are like a reboot of the host.
    libvirt.kill()
    for pid in guests:
        os.kill(pid, signal.SIGKILL)
    asked = cluster.act(lives, "pause").headers["x-openstack-request-id"]
    time.sleep(1)
    libvirt.start()

    cluster.wait_for(died, "SHUTOFF", timeout=30)
    cluster.wait_for(died_paused, "SHUTOFF", timeout=30)
    wait_until(lambda: _result(cluster, lives, asked) is not None, 30, "the pause ends")
    # The request is refused if it could not begin, or done later if it had begun.
    paused = _result(cluster, lives, asked) == "Success"
    cluster.wait_for(lives, "PAUSED" if paused else "ACTIVE")
    assert libvirt.state(lives) == ("paused" if paused else "running")

    libvirt.restart()
    log = cluster.log_of("host-1")
    wait_until(
        lambda: log.read_text().count("Connected to qemu") == 3, 15, "it is back"
    )
    libvirt.virsh("resume", resumed)
    cluster.wait_for(resumed, "ACTIVE")
    assert cluster.act(lives, "unpause" if paused else "pause").status_code == 202
    cluster.wait_for(lives, "ACTIVE" if paused else "PAUSED")


def _result(cluster: Cluster, server_id: str, request_id: str) -> str | None:
    events = cluster.record(server_id, request_id)["events"]
    return events[0]["result"] if events else None


def _has(log: str, request_id: str, text: str) -> bool:
    return any(request_id in line and text in line for line in log.splitlines())

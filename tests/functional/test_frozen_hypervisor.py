# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Calls of libvirt that hang: libvirtd under SIGSTOP, and one guest's QEMU."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until

BOUND = 2.0


@pytest.fixture
def cluster(qemu_cluster: Cluster) -> Iterator[Cluster]:
    qemu_cluster.libvirt_extra = f"call_timeout = {BOUND}\n"
    qemu_cluster.start_host()
    qemu_cluster.start_api()
    yield qemu_cluster


def _events(cluster: Cluster, server_id: str, request_id: str) -> list[Any]:
    events: list[Any] = cluster.record(server_id, request_id)["events"]
    return events


def _ends(cluster: Cluster, server_id: str, request_id: str, timeout: float) -> str:
    """Wait until a request has its end on record; how it ended."""

    def ended() -> bool:
        events = _events(cluster, server_id, request_id)
        return bool(events) and events[0]["result"] is not None

    wait_until(ended, timeout, f"{request_id} ends")
    result: str = _events(cluster, server_id, request_id)[0]["result"]
    return result


def _faults(cluster: Cluster, server_id: str) -> list[str]:
    path = cluster.connection.removeprefix("sqlite:///")
    query = "SELECT message FROM instance_faults WHERE instance_uuid = ? ORDER BY id"
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute(query, [server_id])]


def _threads(cluster: Cluster, host: str = "host-1") -> int:
    return sum(len(list(p.glob("task/*"))) for p in cluster.workers_of(host))


def _ask(cluster: Cluster, server_id: str, action: str) -> str:
    answer = cluster.act(server_id, action)
    assert answer.status_code == 202, answer.text
    request_id: str = answer.headers["x-openstack-request-id"]
    return request_id


def test_one_guest_hangs_and_the_others_go_on(
    cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    hanging, other = cluster.create_server("hanging"), cluster.create_server("other")
    with libvirt.frozen_guest(hanging):
        paused = _ask(cluster, hanging, "pause")
        began = time.monotonic()
        assert _ends(cluster, hanging, paused, BOUND + 5) == "Error"
        assert time.monotonic() - began > BOUND - 1
        shown = cluster.show(hanging)
        assert shown["OS-EXT-STS:task_state"] is None
        assert shown["status"] == "ACTIVE"

        for _ in range(3):
            again = _ask(cluster, hanging, "pause")
            began = time.monotonic()
            assert _ends(cluster, hanging, again, 5) == "Error"
            assert time.monotonic() - began < BOUND
        deleted = cluster.ask("DELETE", f"/servers/{hanging}")
        assert deleted.status_code == 204
        deletion = deleted.headers["x-openstack-request-id"]
        assert _ends(cluster, hanging, deletion, 5) == "Error"
        assert cluster.show(hanging)["status"] == "ACTIVE"

        faults = _faults(cluster, hanging)
        assert faults[0] == "The hypervisor did not answer within 2 seconds (pause)."
        assert len(faults) == 5
        assert all(
            fault.startswith(
                "An earlier call of the hypervisor (pause) has not returned"
            )
            for fault in faults[1:]
        )
        assert "pause" in cluster.threads_of("host-1", "libvirt-pause")
        assert _ends(cluster, other, _ask(cluster, other, "pause"), 10) == "Success"

    # Now it is done after all, and what Nova would ignore is followed.
    cluster.wait_for(hanging, "PAUSED")
    assert libvirt.state(hanging) == "paused"
    log = cluster.log_of("host-1").read_text()
    assert "The call of the hypervisor (pause) has returned after" in log
    assert (
        "The pause that had failed has been done after all. Instance is paused" in log
    )
    unpaused = _ask(cluster, hanging, "unpause")
    assert _ends(cluster, hanging, unpaused, 10) == "Success"
    assert libvirt.state(hanging) == "running"

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Calls of libvirt that hang: a frozen libvirtd, and one guest's frozen QEMU."""

import functools
import pathlib
import re
import sqlite3
import time
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.functional import raw
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until

BOUND = 5.0
"""Seconds. A QEMU must be able to start within this time on a busy machine."""


@pytest.fixture
def cluster(qemu_cluster: Cluster) -> Cluster:
    qemu_cluster.call_timeout = BOUND
    qemu_cluster.start_host()
    qemu_cluster.start_api()
    # On a busy machine, libvirtd's first answer may take longer than the limit.
    wait_until(lambda: qemu_cluster.hosts().get("host-1") == "up", 60, "the host is up")
    return qemu_cluster


_GIVEN_UP = "Connection to the hypervisor is broken on host: host-1"


def _events(cluster: Cluster, server_id: str, request_id: str) -> list[Any]:
    events: list[Any] = cluster.record(server_id, request_id)["events"]
    return events


def _ends(cluster: Cluster, server_id: str, request_id: str, timeout: float) -> str:
    """Wait until a request has a recorded end, and return it."""

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


def _ask(cluster: Cluster, server_id: str, action: str) -> str:
    answer = cluster.act(server_id, action)
    assert answer.status_code == 202, answer.text
    request_id: str = answer.headers["x-openstack-request-id"]
    return request_id


def test_one_hanging_guest_does_not_stop_the_others(
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
        assert faults[0] == "The hypervisor did not answer within 5 seconds (pause)."
        assert len(faults) == 5
        assert all(
            fault.startswith("An earlier hypervisor call (pause) has not returned")
            for fault in faults[1:]
        )
        assert _ends(cluster, other, _ask(cluster, other, "pause"), 10) == "Success"

    # The pause is done after all. Nova would ignore that; minova follows.
    cluster.wait_for(hanging, "PAUSED")
    assert libvirt.state(hanging) == "paused"
    log = cluster.log_of("host-1").read_text()
    assert "The hypervisor call (pause) returned after" in log
    assert "The pause was recorded as failed, but it happened later." in log
    assert "The instance is now paused" in log
    unpaused = _ask(cluster, hanging, "unpause")
    assert _ends(cluster, hanging, unpaused, 10) == "Success"
    assert libvirt.state(hanging) == "running"


def _settled_threads(cluster: Cluster) -> int:
    """Return the threads that remain when finished calls have released theirs."""
    time.sleep(2)
    return _threads(cluster)


def test_questions_to_a_guest_that_hangs(
    cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """More questions than message threads: one hangs, and the others are answered."""
    # For a guest with a drive, QEMU itself is asked.
    hanging = cluster.create_server("hanging", config_drive=True)
    other = cluster.create_server("other")
    # Let the threads that always run start before they are counted.
    assert _ends(cluster, other, _ask(cluster, other, "pause"), 10) == "Success"
    assert _ends(cluster, other, _ask(cluster, other, "unpause"), 10) == "Success"
    assert cluster.ask("GET", f"/servers/{other}/diagnostics", token="admin").ok
    before = _settled_threads(cluster)
    with libvirt.frozen_guest(hanging), raw.channel(cluster) as channel:
        answers = channel.queue_declare(exclusive=True).queue
        for number in range(100):
            asked = raw.message(
                "get_diagnostics",
                {"instance_uuid": hanging},
                _msg_id=f"question-{number}",
                _reply_q=answers,
            )
            raw.publish(cluster, asked)
        began = time.monotonic()
        # The hanging question, its waiting caller, and the thread that serves the rest.
        assert _ends(cluster, other, _ask(cluster, other, "pause"), 10) == "Success"
        assert _ends(cluster, other, _ask(cluster, other, "unpause"), 10) == "Success"
        assert cluster.ask("GET", f"/servers/{other}/diagnostics", token="admin").ok
        assert _threads(cluster) <= before + 4
        assert cluster.hosts().get("host-1") == "up"

        def all_are_answered() -> bool:
            answered = channel.queue_declare(answers, passive=True).message_count
            return bool(answered == 100)

        wait_until(all_are_answered, 20, "all are answered")
        assert time.monotonic() - began < 15

        began = time.monotonic()
        path = f"/servers/{hanging}/diagnostics"
        assert cluster.ask("GET", path, token="admin").status_code == 503
        assert time.monotonic() - began < 3
        # An action gets its full time, and then a recorded end.
        assert _ends(cluster, hanging, _ask(cluster, hanging, "pause"), 8) == "Error"
        assert _threads(cluster) <= before + 4


def test_libvirtd_under_sigstop(cluster: Cluster, libvirt: PrivateLibvirt) -> None:
    """The freeze is shorter than keep-alive, so calls return when libvirtd resumes."""
    servers = [cluster.create_server(name) for name in ("one", "two", "three")]
    before = _threads(cluster)
    libvirt.freeze()
    try:
        pauses = [_ask(cluster, server, "pause") for server in servers]
        for server, pause in zip(servers, pauses, strict=True):
            assert _ends(cluster, server, pause, BOUND + 5) == "Error"
            assert cluster.show(server)["OS-EXT-STS:task_state"] is None
        wait_until(
            lambda: cluster.hosts().get("host-1") == "down", 15, "the host is down"
        )
        held = _threads(cluster)
        # One call for each server, one for the host, and the threads of three messages.
        assert held <= before + len(servers) + 1 + len(servers)
        # More than oslo.messaging's threads for messages (64).
        for _ in range(22):
            for server in servers:
                again = _ask(cluster, server, "pause")
                assert _ends(cluster, server, again, 2) == "Error"
        # A thread that ends while another begins may be counted for a moment.
        wait_until(lambda: _threads(cluster) <= held, 5, "no more threads than before")
        deleted = cluster.ask("DELETE", f"/servers/{servers[2]}")
        deletion = deleted.headers["x-openstack-request-id"]
        assert _ends(cluster, servers[2], deletion, BOUND + 5) == "Error"
        began = time.monotonic()
        console = {"os-getConsoleOutput": {"length": 10}}
        answer = cluster.ask("POST", f"/servers/{servers[0]}/action", console)
        assert answer.status_code in {200, 503}
        assert time.monotonic() - began < 12
    finally:
        libvirt.thaw()

    wait_until(lambda: cluster.hosts().get("host-1") == "up", 15, "the host is up")
    for server in servers:
        agree = functools.partial(_agree, cluster, libvirt, server)
        wait_until(agree, 15, "row and guest")
        action = "unpause" if cluster.show(server)["status"] == "PAUSED" else "pause"
        assert _ends(cluster, server, _ask(cluster, server, action), 10) == "Success"
    # A finished thread may wait a moment for its next call.
    wait_until(lambda: _threads(cluster) <= held - len(servers), 5, "their threads end")


@pytest.mark.campaign
def test_a_libvirtd_frozen_until_keep_alive_gives_up(
    cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """When it continues, it may still execute calls that it has already read."""
    server = cluster.create_server()
    libvirt.freeze()
    try:
        assert _ends(cluster, server, _ask(cluster, server, "pause"), 10) == "Error"
        log = cluster.log_of("host-1")
        wait_until(lambda: _GIVEN_UP in log.read_text(), 40, "keep-alive gives up")
        again = _ask(cluster, server, "pause")
        assert _ends(cluster, server, again, BOUND + 5) == "Error"
    finally:
        libvirt.thaw()

    wait_until(lambda: cluster.hosts().get("host-1") == "up", 20, "the host is up")
    wait_until(lambda: _agree(cluster, libvirt, server), 15, "row and guest agree")
    if cluster.show(server)["status"] == "ACTIVE":
        assert _ends(cluster, server, _ask(cluster, server, "pause"), 10) == "Success"
    # Events come through the new connection.
    libvirt.virsh("resume", server)
    cluster.wait_for(server, "ACTIVE")


def _threads(cluster: Cluster) -> int:
    """Count the threads of n-cpu, parent and worker, as the kernel sees them."""
    pattern = re.compile(r"^Threads:\s+(\d+)$", re.MULTILINE)
    found = [
        pattern.search(pathlib.Path(f"/proc/{pid}/status").read_text())
        for pid in cluster.host_processes()
    ]
    return sum(int(match[1]) for match in found if match is not None)


def _agree(cluster: Cluster, libvirt: PrivateLibvirt, server_id: str) -> bool:
    status = {"running": "ACTIVE", "paused": "PAUSED"}[libvirt.state(server_id)]
    shown = cluster.show(server_id)
    return shown["status"] == status and not shown["OS-EXT-STS:task_state"]

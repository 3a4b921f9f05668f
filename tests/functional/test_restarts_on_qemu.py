# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-cpu does with the claims and guests that it finds at its start, on QEMU.

n-api takes the claims while there is no n-cpu. Tests bring the guests to their states
by hand. ``test_restart_matrix`` has all combinations.
"""

import dataclasses
import pathlib
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import requests

from tests import tiny_guests
from tests.cluster import Cluster
from tests.functional.left_by_a_host import begin
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import end, wait_until


@dataclasses.dataclass(kw_only=True)
class Row:
    """A row of the matrix, with its server."""

    action: str
    guest: str
    status: str
    touched: list[str]
    started: bool = True
    server_id: str = ""
    domain: str = ""
    request_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.action}-{self.guest}-{self.started}".replace(" ", "")


def _rows() -> list[Row]:
    """Started or not, done or not."""
    rows = []
    for action, done, other, told, status in (
        ("pause", "paused", "running", "Suspended", "PAUSED"),
        ("unpause", "running", "paused", "Resumed", "ACTIVE"),
    ):
        for started in (True, False):
            rows += [
                Row(
                    action=action,
                    guest=guest,
                    status=status,
                    touched=touched,
                    started=started,
                )
                for guest, touched in ((other, [told]), (done, []))
            ]
    return rows


def test_finished_actions_are_not_done_again(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    rows = _rows()
    for row in rows:
        row.server_id = cluster.create_server(row.name)
        row.domain = cluster.show(row.server_id)["OS-EXT-SRV-ATTR:instance_name"]
        if row.action == "unpause":
            assert cluster.act(row.server_id, "pause").status_code == 202
    for row in rows:
        cluster.wait_for(row.server_id, "ACTIVE" if row.action == "pause" else "PAUSED")
    # There is no running action and no task, so the power sync handles it.
    rebooted = cluster.create_server("rebooted")
    cluster.act(rebooted, "pause")
    cluster.wait_for(rebooted, "PAUSED")
    cluster.stop_host()
    for row in rows:
        answer = cluster.act(row.server_id, row.action)
        assert answer.status_code == 202
        row.request_id = answer.headers["x-openstack-request-id"]
        if row.started:
            begin(cluster, row.server_id, row.request_id, row.action)
        _lead(libvirt, row)
    libvirt.virsh("destroy", rebooted)

    with _watching(libvirt, cluster.folder / "events") as events:
        cluster.start_host()
        began = time.monotonic()
        for row in rows:
            cluster.wait_for(row.server_id, row.status, timeout=30)
        cluster.wait_for(rebooted, "SHUTOFF", timeout=30)
        assert time.monotonic() - began < 30

        # The messages stayed in the queue.
        wait_until(lambda: _late(cluster) == len(rows), 10, "each is dropped in a line")
    log = cluster.log_of("host-1").read_text()
    told = events.read_text()
    for row in rows:
        record = cluster.record(row.server_id, row.request_id)
        assert [event["result"] for event in record["events"]] == ["Success"], row
        assert _told_of(told, row) == row.touched, row
        mine = [
            line for line in log.splitlines() if f"{row.request_id} demo demo]" in line
        ]
        assert any("Instance in transitional state" in line for line in mine), row


def test_unfinished_creates_and_deletes(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    cluster = qemu_cluster
    cluster.start_host(report_interval="1")
    cluster.start_api()
    doomed = [cluster.create_server(f"doomed-{number}") for number in range(3)]
    cluster.stop_host()
    created, unstarted = _create(cluster, "created"), _create(cluster, "unstarted")
    begin(cluster, created.server_id, created.request_id, "create")
    deletes = [_delete(cluster, server_id) for server_id in doomed]
    for row in deletes[:2]:
        begin(cluster, row.server_id, row.request_id, row.action)
    # It died after it removed the guest, before it removed the files.
    libvirt.virsh("destroy", doomed[0])
    libvirt.virsh("undefine", doomed[0])
    folder = cluster.folder / "instances"
    assert (folder / doomed[0]).exists()

    cluster.start_host()

    for row in (created, unstarted):
        cluster.wait_for(row.server_id, "ACTIVE")
        assert libvirt.state(row.server_id) == "running"
        record = cluster.record(row.server_id, row.request_id)
        assert [event["result"] for event in record["events"]] == ["Success"]
    for server_id in doomed:
        wait_until(partial(_is_gone, cluster, server_id), 15, "it is deleted")
    assert sorted(path.name for path in folder.iterdir() if path.name[0] != "_") == (
        sorted([created.server_id, unstarted.server_id])
    )
    names = libvirt.virsh("list", "--all", "--uuid").split()
    assert sorted(names) == sorted([created.server_id, unstarted.server_id])


def test_a_suspended_guest_survives_restarts_and_resumes(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """n-cpu and libvirtd restart, before and after the suspend is settled."""
    cluster = qemu_cluster
    cluster.put_image(tiny_guests.MARKS)
    cluster.start_host()
    cluster.start_api()
    one, other = cluster.create_server("one"), cluster.create_server("other")
    for server_id in (one, other):
        wait_until(partial(_has_booted, libvirt, server_id), 10, "it has booted")
    marks = [libvirt.mark(server_id) for server_id in (one, other)]
    assert cluster.act(one, "suspend").status_code == 202
    cluster.wait_for(one, "SUSPENDED")
    cluster.stop_host()
    assert cluster.act(other, "suspend").status_code == 202
    libvirt.restart()
    cluster.start_host()
    cluster.wait_for(other, "SUSPENDED")
    cluster.stop_host()
    libvirt.kill()
    libvirt.start()
    cluster.start_host()
    assert [libvirt.status(server_id) for server_id in (one, other)] == [
        "SUSPENDED"
    ] * 2

    for server_id in (one, other):
        assert cluster.act(server_id, "resume").status_code == 202
        cluster.wait_for(server_id, "ACTIVE")

    assert [libvirt.mark(server_id) for server_id in (one, other)] == marks


def test_a_suspend_fails_if_the_guest_was_powered_off(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """There is no saved memory to resume the server with."""
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host()
    answer = cluster.act(server_id, "suspend")
    request_id = answer.headers["x-openstack-request-id"]
    begin(cluster, server_id, request_id, "suspend")
    libvirt.virsh("destroy", server_id)

    cluster.start_host()

    cluster.wait_for(server_id, "ERROR")
    assert "is not running" in cluster.show(server_id)["fault"]["message"]
    record = cluster.record(server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Error"]
    reboot = {"reboot": {"type": "HARD"}}
    assert cluster.ask("POST", f"/servers/{server_id}/action", reboot).ok
    cluster.wait_for(server_id, "ACTIVE")


def test_a_start_fails_if_libvirtd_died_and_blocks_the_guest(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """Such a guest cannot be changed, so its server waits for an operator."""
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host()
    asked = cluster.act(server_id, "suspend").headers["x-openstack-request-id"]
    begin(cluster, server_id, asked, "suspend")
    status = libvirt.wedge_guest(server_id)

    cluster.start_host()

    cluster.wait_for(server_id, "ERROR", timeout=60)
    told = cluster.show(server_id)["fault"]["message"]
    assert "lets nobody change it" in told
    record = cluster.record(server_id, asked)
    assert [event["result"] for event in record["events"]] == ["Error"]
    libvirt.kill()
    status.unlink()
    libvirt.start()
    reboot = {"reboot": {"type": "HARD"}}
    assert cluster.ask("POST", f"/servers/{server_id}/action", reboot).ok
    cluster.wait_for(server_id, "ACTIVE", timeout=60)
    assert libvirt.status(server_id) == "ACTIVE"


@pytest.mark.parametrize("action", ["pause", "suspend"])
@pytest.mark.parametrize("begun", [True, False], ids=["begun", "not begun"])
def test_a_hard_reboot_takes_over_from_an_action_that_no_host_performs(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt, action: str, *, begun: bool
) -> None:
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host()
    asked = cluster.act(server_id, action).headers["x-openstack-request-id"]
    if begun:
        begin(cluster, server_id, asked, action)
    path = f"/servers/{server_id}/action"
    reboot = cluster.ask("POST", path, {"reboot": {"type": "HARD"}})
    assert reboot.status_code == 202

    cluster.start_host()

    cluster.wait_for(server_id, "ACTIVE")
    assert libvirt.status(server_id) == "ACTIVE"
    request_id = reboot.headers["x-openstack-request-id"]
    record = cluster.record(server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Success"]
    # The other action ends, whether its message comes or not.
    given_up = cluster.record(server_id, asked)
    assert given_up["message"] == "Error"
    assert [event["result"] for event in given_up["events"]] == ["Error"]


def test_a_hard_reboot_ends_while_the_guest_hangs_in_a_pause(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """It fails and says so. When the guest continues, it can be rebooted."""
    cluster = qemu_cluster
    cluster.call_timeout = 10
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    path = f"/servers/{server_id}/action"
    reboot = {"reboot": {"type": "HARD"}}
    with libvirt.frozen_guest(server_id):
        paused = cluster.act(server_id, "pause")
        wait_until(lambda: _is_begun(cluster, server_id, paused), 10, "it is begun")
        hard = cluster.ask("POST", path, reboot)
        assert hard.status_code == 202
        wait_until(
            lambda: not cluster.show(server_id)["OS-EXT-STS:task_state"], 30, "-"
        )
        for answer in (paused, hard):
            request_id = answer.headers["x-openstack-request-id"]
            record = cluster.record(server_id, request_id)
            assert [event["result"] for event in record["events"]] == ["Error"]

    # The failed pause is done now, and the row follows.
    cluster.wait_for(server_id, "PAUSED", timeout=30)
    assert cluster.ask("POST", path, reboot).status_code == 202
    cluster.wait_for(server_id, "ACTIVE", timeout=30)
    assert libvirt.status(server_id) == "ACTIVE"


def _has_booted(libvirt: PrivateLibvirt, server_id: str) -> bool:
    return any(libvirt.mark(server_id))


def _is_begun(cluster: Cluster, server_id: str, answer: requests.Response) -> bool:
    record = cluster.record(server_id, answer.headers["x-openstack-request-id"])
    return bool(record["events"])


def _lead(libvirt: PrivateLibvirt, row: Row) -> None:
    """Bring a guest to the row's state by hand."""
    is_at = "running" if row.action == "pause" else "paused"
    if row.guest != is_at:
        libvirt.virsh("suspend" if row.guest == "paused" else "resume", row.server_id)


def _create(cluster: Cluster, name: str) -> Row:
    server = {
        "name": name,
        "imageRef": "8cc68639-c302-441d-9aab-b493b94f7f6e",
        "flavorRef": "42",
    }
    answer = cluster.ask("POST", "/servers", {"server": server})
    assert answer.status_code == 202, answer.text
    return Row(
        action="create",
        guest="gone",
        status="ACTIVE",
        touched=[],
        server_id=answer.json()["server"]["id"],
        request_id=answer.headers["x-openstack-request-id"],
    )


def _delete(cluster: Cluster, server_id: str) -> Row:
    answer = cluster.ask("DELETE", f"/servers/{server_id}")
    assert answer.status_code == 204
    return Row(
        action="delete",
        guest="running",
        status="DELETED",
        touched=[],
        server_id=server_id,
        request_id=answer.headers["x-openstack-request-id"],
    )


def _is_gone(cluster: Cluster, server_id: str) -> bool:
    return cluster.ask("GET", f"/servers/{server_id}").status_code == 404


def _late(cluster: Cluster) -> int:
    log = cluster.log_of("host-1").read_text()
    return log.count(": the claim of this request is gone")


@contextmanager
def _watching(libvirt: PrivateLibvirt, file: pathlib.Path) -> Iterator[pathlib.Path]:
    """Write every lifecycle event that virsh gets into a file."""
    with file.open("wb") as out:
        watcher = subprocess.Popen(
            [
                *("virsh", "--connect", libvirt.uri),
                *("event", "--event", "lifecycle", "--loop", "--timestamp"),
            ],
            stdout=out,
            stderr=out,
        )
        try:
            time.sleep(1)  # virsh does not say when it starts to listen
            yield file
        finally:
            end(watcher)


def _told_of(events: str, row: Row) -> list[str]:
    """Count how often a listener saw the row's guest pause and resume."""
    return re.findall(rf"domain '{row.domain}': (Suspended|Resumed)", events)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-cpu makes of the claims that it finds when it starts (nova-semantics, 4).

Claims are real ones, taken by n-api while there was no n-cpu; a host's beginning on
them is written into the rows as n-cpu would have, for the moment at which one dies is
another test's subject.  Guests are QEMU's, led by hand to where each row wants them.
"""

import dataclasses
import pathlib
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import end, wait_until


@dataclasses.dataclass(kw_only=True)
class Row:
    """A row of the matrix, with the server that stands for it."""

    action: str
    guest: str
    ends: str
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
    """Nova's rows, and those in which Nova leaves the server stuck."""
    rows = []
    for action, done, other, told, status in (
        ("pause", "paused", "running", "Suspended", "PAUSED"),
        ("unpause", "running", "paused", "Resumed", "ACTIVE"),
    ):
        before = {"PAUSED": "ACTIVE", "ACTIVE": "PAUSED"}[status]
        for started in (True, False):
            rows += [
                Row(
                    action=action,
                    guest=guest,
                    ends="Success",
                    status=status,
                    touched=touched,
                    started=started,
                )
                for guest, touched in ((other, [told]), (done, []))
            ]
        rows += [
            Row(action=action, guest=guest, ends="Error", status=after, touched=[])
            for guest, after in (("shut off", "SHUTOFF"), ("gone", before))
        ]
    return rows


def test_the_restart_matrix(qemu_cluster: Cluster, libvirt: PrivateLibvirt) -> None:
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
    # Not in the middle of anything, and no task: left to the power sync.
    rebooted = cluster.create_server("rebooted")
    cluster.act(rebooted, "pause")
    cluster.wait_for(rebooted, "PAUSED")
    cluster.stop_host()
    for row in rows:
        answer = cluster.act(row.server_id, row.action)
        assert answer.status_code == 202
        row.request_id = answer.headers["x-openstack-request-id"]
        if row.started:
            _start(cluster, row)
        _lead(libvirt, row)
    libvirt.virsh("destroy", rebooted)

    with _watching(libvirt, cluster.folder / "events") as events:
        cluster.start_host()
        began = time.monotonic()
        for row in rows:
            cluster.wait_for(row.server_id, row.status, timeout=30)
        cluster.wait_for(rebooted, "SHUTOFF", timeout=30)
        assert time.monotonic() - began < 30

        # Their messages were in the queue all the time.
        wait_until(lambda: _late(cluster) == len(rows), 10, "each is dropped in a line")
    log = cluster.log_of("host-1").read_text()
    told = events.read_text()
    for row in rows:
        record = cluster.record(row.server_id, row.request_id)
        assert [event["result"] for event in record["events"]] == [row.ends], row
        assert _told_of(told, row) == row.touched, row
        mine = [
            line for line in log.splitlines() if f"{row.request_id} demo demo]" in line
        ]
        assert any("Instance in transitional state" in line for line in mine), row


def test_creates_and_deletes_that_nobody_ended(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    cluster = qemu_cluster
    cluster.start_host(report_interval="1")
    cluster.start_api()
    doomed = [cluster.create_server(f"doomed-{number}") for number in range(3)]
    cluster.stop_host()
    created, unstarted = _create(cluster, "created"), _create(cluster, "unstarted")
    _start(cluster, created)
    deletes = [_delete(cluster, server_id) for server_id in doomed]
    for row in deletes[:2]:
        _start(cluster, row)
    # It died behind the guest, before the files.
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


def _start(cluster: Cluster, row: Row) -> None:
    """Write what n-cpu writes when it begins on a claim."""
    event = {
        "pause": "compute_pause_instance",
        "unpause": "compute_unpause_instance",
        "create": "compute__do_build_and_run_instance",
        "delete": "compute_terminate_instance",
    }[row.action]
    path = cluster.connection.removeprefix("sqlite:///")
    with sqlite3.connect(path, timeout=10) as connection:
        connection.execute(
            "UPDATE instances SET claim_started_at = claimed_at"
            " WHERE uuid = ? AND claim_request_id = ?",
            [row.server_id, row.request_id],
        )
        connection.execute(
            "INSERT INTO instance_actions_events (action_id, event, host, start_time)"
            " SELECT id, ?, 'host-1', start_time FROM instance_actions"
            " WHERE instance_uuid = ? AND request_id = ?",
            [event, row.server_id, row.request_id],
        )


def _lead(libvirt: PrivateLibvirt, row: Row) -> None:
    """Lead a guest by hand to where the row wants it."""
    is_at = "running" if row.action == "pause" else "paused"
    if row.guest in {"shut off", "gone"}:
        libvirt.virsh("destroy", row.server_id)
        if row.guest == "gone":
            libvirt.virsh("undefine", row.server_id)
    elif row.guest != is_at:
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
        ends="Success",
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
        ends="Success",
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
    """Have every lifecycle event written into a file, as virsh is told it."""
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
            time.sleep(1)  # virsh does not say when it listens
            yield file
        finally:
            end(watcher)


def _told_of(events: str, row: Row) -> list[str]:
    """How often anybody saw the row's guest pause and go on."""
    return re.findall(rf"domain '{row.domain}': (Suspended|Resumed)", events)

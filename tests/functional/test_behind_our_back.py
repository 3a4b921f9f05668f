# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real guests that somebody kills, pauses or resumes without minova.

This happens once while n-cpu is up, which gets events, and once while it is down. Then
it compares all guests when it starts, as it does every ``sync_power_state_interval``.
"""

import json
import pathlib
import time
from functools import partial

import pytest

from minova.virt.libvirt import events
from tests import tiny_guests
from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until
from tests.tick_image import TICK

GOES_OFF = "00000000-0000-4000-8000-00000000000f"

_NAMES = (
    "killed",
    "killed paused",
    "paused by hand",
    "resumed by hand",
    "saved by hand",
    "undefined",
    "undefined paused",
    "undefined running",
)

_BECOMES = (
    ("off", "SHUTOFF", 4),
    ("killed", "SHUTOFF", 4),
    ("killed paused", "SHUTOFF", 4),
    ("paused by hand", "ACTIVE", 3),
    ("resumed by hand", "ACTIVE", 1),
    ("saved by hand", "SUSPENDED", 4),
    ("undefined", "ACTIVE", 0),
    ("undefined paused", "PAUSED", 0),
    ("undefined running", "ACTIVE", 1),
)
_LINES = (
    ("off", "Instance shutdown by itself. Calling the stop API."),
    ("killed", "Instance shutdown by itself. Calling the stop API."),
    ("killed paused", "Paused instance shutdown by itself. Calling the stop API."),
    ("paused by hand", "Instance is paused unexpectedly. Ignore."),
    ("resumed by hand", "Paused instance was resumed unexpectedly."),
    ("saved by hand", "Instance is off unexpectedly, with its memory saved."),
    ("undefined", "Instance is unexpectedly not found. Ignore."),
)


@pytest.fixture
def cluster(qemu_cluster: Cluster) -> Cluster:
    _put_image_that_goes_off(qemu_cluster.folder / "images")
    qemu_cluster.start_host()
    qemu_cluster.start_api()
    return qemu_cluster


@pytest.mark.parametrize("looks_on", [True, False], ids=["event", "sync"])
def test_rows_follow_their_guests(
    cluster: Cluster, libvirt: PrivateLibvirt, *, looks_on: bool
) -> None:
    servers = _make(cluster)
    if not looks_on:
        cluster.stop_host()
    _do_by_hand(libvirt, servers)
    if not looks_on:
        off = partial(libvirt.state, servers["off"])
        wait_until(lambda: off() == "shut off", 20, "it went off by itself")
        cluster.start_host()

    for name, status, power_state in _BECOMES:
        now = partial(_is, cluster, servers[name], status, power_state)
        wait_until(now, 30, f"{name} is {status}")
    log = cluster.log_of("host-1").read_text()
    for name, line in _LINES:
        assert f"[instance: {servers[name]}] {line}" in log
    _start_by_hand(cluster, libvirt, servers["killed"])
    # A user can recover each of them.
    for name in ("resumed by hand", "paused by hand"):
        assert cluster.act(servers[name], "pause").status_code == 202
        cluster.wait_for(servers[name], "PAUSED")
        assert libvirt.state(servers[name]) == "paused"
    assert cluster.act(servers["saved by hand"], "resume").status_code == 202
    cluster.wait_for(servers["saved by hand"], "ACTIVE")
    for server in servers.values():
        assert cluster.ask("DELETE", f"/servers/{server}").status_code == 204
    wait_until(lambda: libvirt.virsh("list", "--all") == "", 20, "no guest is left")
    # If the domain disappeared meanwhile, there is nothing left to delete.
    assert "libvirtError" not in cluster.log_of("host-1").read_text()


def test_a_suspended_guest_whose_memory_is_removed(
    cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """It cannot be resumed. The fault says so, and the server can be started."""
    asked, seen = cluster.create_server("asked"), cluster.create_server("seen")
    for server in (asked, seen):
        assert cluster.act(server, "suspend").status_code == 202
        cluster.wait_for(server, "SUSPENDED")
    libvirt.virsh("managedsave-remove", asked)
    libvirt.saved_memory(seen).unlink()

    answer = cluster.act(asked, "resume")
    cluster.wait_for(asked, "SHUTOFF")
    request_id = answer.headers["x-openstack-request-id"]
    record = cluster.record(asked, request_id, version="2.84")
    assert [event["result"] for event in record["events"]] == ["Error"]
    assert "The saved memory of instance" in record["events"][0]["details"]
    cluster.stop_host()
    cluster.start_host()
    cluster.wait_for(seen, "SHUTOFF", timeout=30)
    line = "The saved memory of the suspended instance is gone."
    assert f"[instance: {seen}] {line}" in cluster.log_of("host-1").read_text()

    for server in (asked, seen):
        assert cluster.act(server, "os-start").status_code == 202
        cluster.wait_for(server, "ACTIVE")
        assert libvirt.state(server) == "running"


def test_a_guest_that_is_off_for_a_moment_is_left_alone(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """Such a short stop may be a reboot, so n-cpu changes nothing."""
    cluster = qemu_cluster
    cluster.settling += "sync_power_state_interval = 1\n"
    cluster.start_host()
    cluster.start_api()
    server = cluster.create_server()
    for action, status in (("pause", "PAUSED"), ("unpause", "ACTIVE")):
        assert cluster.act(server, action).status_code == 202
        cluster.wait_for(server, status)

    libvirt.virsh("destroy", server)
    time.sleep(3)  # a full comparison each second
    libvirt.restart()
    log = cluster.log_of("host-1")
    connected = "Connected to qemu"
    wait_until(lambda: log.read_text().count(connected) == 2, 15, "it is back")
    time.sleep(2)
    cluster.stop_host()
    cluster.start_host()
    time.sleep(2)
    libvirt.virsh("start", server)
    time.sleep(events.STOPPED_DELAY + 1)

    assert libvirt.state(server) == "running"
    assert _is(cluster, server, "ACTIVE", 1)
    actions = cluster.ask("GET", f"/servers/{server}/os-instance-actions").json()
    names = [each["action"] for each in actions["instanceActions"]]
    assert names == ["unpause", "pause", "create"]


def _make(cluster: Cluster) -> dict[str, str]:
    """Create a server for each name, in its state before somebody interferes."""
    servers = {name: cluster.create_server(name) for name in _NAMES}
    for name in ("killed paused", "resumed by hand", "undefined paused"):
        cluster.act(servers[name], "pause")
        cluster.wait_for(servers[name], "PAUSED")
    servers["off"] = cluster.create_server("off", imageRef=GOES_OFF)
    return servers


def _do_by_hand(libvirt: PrivateLibvirt, servers: dict[str, str]) -> None:
    for name in ("killed", "killed paused"):
        libvirt.kill_guest(servers[name])
    libvirt.virsh("suspend", servers["paused by hand"])
    libvirt.virsh("resume", servers["resumed by hand"])
    libvirt.virsh("managedsave", servers["saved by hand"])
    for name in ("undefined", "undefined paused"):
        libvirt.virsh("destroy", servers[name])
        libvirt.virsh("undefine", servers[name])
    libvirt.virsh("undefine", servers["undefined running"])


def _start_by_hand(cluster: Cluster, libvirt: PrivateLibvirt, server_id: str) -> None:
    """Nova's rule: the guest of a stopped server is powered off again."""
    libvirt.virsh("start", server_id)
    wait_until(lambda: libvirt.state(server_id) == "shut off", 20, "it is off again")
    log = cluster.log_of("host-1").read_text()
    assert f"[instance: {server_id}] Instance is not stopped. Calling the stop" in log


def _is(cluster: Cluster, server_id: str, status: str, power_state: int) -> bool:
    shown = cluster.show(server_id)
    now = (shown["status"], shown["OS-EXT-STS:power_state"])
    return now == (status, power_state)


def _put_image_that_goes_off(images: pathlib.Path) -> None:
    tick = json.loads((images / "minova-tick" / "image.json").read_text())
    assert tick["id"] == TICK
    folder = images / "goes-off"
    folder.mkdir()
    (folder / "kernel").write_bytes(tiny_guests.GOES_OFF)
    (folder / "ramdisk").write_bytes(b"nothing")
    (folder / "image.json").write_text(
        json.dumps(tick | {"id": GOES_OFF, "name": "goes-off"})
    )

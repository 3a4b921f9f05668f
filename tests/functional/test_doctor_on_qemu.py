# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults of libvirt and its guests, and guests that differ from their rows."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator

import pytest

from minova.doctor.looks.hosts import Times
from tests import private_libvirt, real_servers
from tests.cluster import Cluster
from tests.doctors import Doctor
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import RabbitMQ, wait_until

_ATTACH, _DETACH = 16, 17  # of ptrace(2)


class Rig:
    """A cluster with QEMU guests, and a doctor."""

    def __init__(self, cluster: Cluster, libvirt: PrivateLibvirt) -> None:
        self.cluster, self.libvirt = cluster, libvirt
        self.doctor = Doctor(cluster)


@pytest.fixture(scope="module")
def rig(rabbitmq: RabbitMQ) -> Iterator[Rig]:
    with (
        private_libvirt.running() as libvirt,
        real_servers.folder_for(private_libvirt.USER) as folder,
    ):
        connection = f"sqlite:///{folder}/minova.sqlite"
        cluster = Cluster(folder, rabbitmq.new_vhost(), connection)
        cluster.use(libvirt)
        cluster.migrate()
        # n-cpu follows only events, and it is stopped where that matters.
        cluster.start_host()
        cluster.start_api()
        made = Rig(cluster, libvirt)
        made.doctor.wait_until_well()
        yield made
        cluster.stop()


@pytest.fixture(autouse=True)
def _whole_again(rig: Rig) -> Iterator[None]:
    """Start everything again for the next test, even if this test failed."""
    yield
    if not rig.libvirt.is_running():
        rig.libvirt.start()
    if not rig.cluster.host_processes():
        rig.cluster.start_host()
    rig.doctor.wait_until_well()


@pytest.mark.campaign
def test_a_missing_server_whose_libvirtd_was_killed(rig: Rig) -> None:
    server_id = rig.cluster.create_server("web")
    rig.libvirt.kill()

    assert rig.doctor.finds()[0] == "libvirt-away"
    status, told = rig.doctor.told("web")
    assert status == 1
    assert "libvirt cannot be reached" in told["server"]["why"]

    rig.libvirt.start()
    rig.doctor.wait_until_well()
    _status, told = rig.doctor.told(server_id)
    assert told["server"]["facts"]["guest"] == "running"


@pytest.mark.campaign
def test_guests_that_differ_from_their_rows(rig: Rig) -> None:
    """n-cpu is not there to follow them."""
    cluster, libvirt = rig.cluster, rig.libvirt
    off, gone, paused, resumed, saved = (
        cluster.create_server(name)
        for name in ("off", "gone", "paused", "resumed", "saved")
    )
    cluster.act(resumed, "pause")
    cluster.wait_for(resumed, "PAUSED")
    cluster.stop_host()
    libvirt.virsh("destroy", off)
    libvirt.virsh("destroy", gone)
    libvirt.virsh("undefine", gone)
    libvirt.virsh("suspend", paused)
    libvirt.virsh("resume", resumed)
    libvirt.virsh("managedsave", saved)

    found = {
        each.values["server"]: each
        for each in rig.doctor.examine().report.findings
        if each.kind.name.startswith("guest-")
    }

    assert {key: each.kind.name for key, each in found.items()} == {
        off: "guest-stopped",
        gone: "guest-gone",
        paused: "guest-left",
        resumed: "guest-led",
        saved: "guest-led",
    }
    assert "15 s after libvirt's event" in found[off].by_itself
    assert found[gone].repair.startswith("If its files are there: openstack server reb")
    cluster.set_server(off, "deleted = 1")
    names = [each.kind.name for each in rig.doctor.examine().report.findings]
    assert "guest-of-nobody" in names
    cluster.set_server(off, "deleted = 0")
    # n-cpu is back and does by itself what the doctor predicted.
    cluster.start_host()
    cluster.wait_for(off, "SHUTOFF", 30)
    cluster.wait_for(resumed, "ACTIVE", 30)
    cluster.wait_for(saved, "SUSPENDED", 30)
    wait_until(lambda: _guests(rig) == ["guest-gone", "guest-left"], 30, "the others")
    for server_id in (gone, paused):
        cluster.ask("DELETE", f"/servers/{server_id}")
    rig.doctor.wait_until_well()


def _guests(rig: Rig) -> list[str]:
    return [name for name in rig.doctor.finds() if name.startswith("guest-")]


@pytest.mark.campaign
def test_a_pause_that_is_done_but_not_saved(rig: Rig) -> None:
    """n-cpu is killed after it has paused the guest but before it stores the row."""
    cluster = rig.cluster
    server_id = cluster.create_server("done")
    cluster.kill_host()
    request = cluster.act(server_id, "pause").headers["x-openstack-request-id"]
    rig.libvirt.virsh("suspend", server_id)
    cluster.set_server(server_id, "claim_started_at = claimed_at")

    status, told = rig.doctor.told("done")

    assert status == 1
    assert (
        "its guest is paused already, so it is done but not saved"
        in (told["server"]["why"])
    )
    assert told["server"]["next"] == f"minova trace {request}"
    cluster.start_host()
    cluster.wait_for(server_id, "PAUSED", 30)


@pytest.mark.campaign
def test_libvirtd_under_sigstop(rig: Rig) -> None:
    rig.libvirt.freeze()
    try:
        began = time.monotonic()
        assert rig.doctor.finds()[0] == "libvirt-silent"
        assert time.monotonic() - began < 15
    finally:
        rig.libvirt.thaw()


@pytest.mark.campaign
def test_a_guest_that_hangs(rig: Rig) -> None:
    server_id = rig.cluster.create_server("hangs")
    rig.cluster.create_server("goes-on")
    with rig.libvirt.frozen_guest(server_id) as pid:
        found = rig.doctor.examine().report.findings
        assert [each.kind.name for each in found] == ["guest-frozen"]
        assert found[0].values["server"] == server_id
        assert found[0].repair == f"sudo kill -CONT {pid}"


@pytest.mark.campaign
def test_a_guest_whose_job_never_ends(rig: Rig) -> None:
    """A debugger holds its QEMU, and an action waits for it."""
    server_id = rig.cluster.create_server("debugged")
    libc, pid = ctypes.CDLL(None), rig.libvirt.guest_pid(server_id)
    assert libc.ptrace(_ATTACH, pid, None, None) == 0
    try:
        assert rig.cluster.act(server_id, "pause").status_code == 202
        wait_until(
            lambda: "guest-silent" in rig.doctor.finds(), 15, "libvirt waits for it"
        )
    finally:
        libc.ptrace(_DETACH, pid, None, None)
    rig.cluster.wait_for(server_id, "PAUSED", 40)


@pytest.mark.campaign
def test_a_guest_whose_start_never_ends(rig: Rig) -> None:
    server_id = rig.cluster.create_server("wedged")
    status = rig.libvirt.wedge_guest(server_id)

    def found() -> bool:
        return "guest-start-hangs" in rig.doctor.finds()

    with contextlib.suppress(TimeoutError):
        wait_until(found, 60, "it is found")
    names = rig.doctor.finds()
    rig.libvirt.terminate()
    status.unlink()
    rig.libvirt.start()
    body = {"reboot": {"type": "HARD"}}
    path = f"/servers/{server_id}/action"
    rig.cluster.wait_for(server_id, "SHUTOFF", 60)
    assert rig.cluster.ask("POST", path, body).status_code == 202
    rig.cluster.wait_for(server_id, "ACTIVE", 60)
    rig.doctor.wait_until_well()
    assert "guest-start-hangs" in names


@pytest.mark.campaign
def test_a_claim_of_a_host_stopped_by_a_signal(rig: Rig) -> None:
    """Only the worker of n-cpu is stopped, and its parent does not notice."""
    server_id = rig.cluster.create_server("long")
    workers = rig.cluster.host_processes()[1:]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        request = rig.cluster.act(server_id, "pause").headers["x-openstack-request-id"]
        age = Times().settled * 3
        rig.cluster.set_server(
            server_id, f"claimed_at = datetime('now', '-{age:.0f} seconds')"
        )
        first, *rest = rig.doctor.examine().report.findings
        assert first.kind.name == "n-cpu-frozen"
        claim = next(each for each in rest if each.kind.name == "claim-waits-for-host")
        assert claim.values["request"] == request
        assert 60 <= int(claim.values["ago"].removesuffix(" s")) < 75
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    rig.cluster.wait_for(server_id, "PAUSED", 30)

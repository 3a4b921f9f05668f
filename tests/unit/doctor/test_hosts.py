# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts that are down, their queues, and full disks."""

import pathlib
import socket
import subprocess
import sys

import pytest

from minova.doctor import deployment
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, Report, finding
from minova.doctor.looks import hosts, machine, processes
from minova.doctor.looks.hosts import HostSeen
from minova.rpc.inspection import Waiting
from tests.real_servers import wait_until


@pytest.fixture
def deployed(tmp_path: pathlib.Path) -> Deployment:
    file = tmp_path / "minova.conf"
    file.write_text(f"[DEFAULT]\nhost = host-1\nstate_path = {tmp_path}\n")
    read = deployment.read(file)
    assert isinstance(read, Deployment)
    return read


def _look(
    host: HostSeen, deployed: Deployment | None, *known: Finding
) -> list[Finding]:
    return list(hosts.look([host], Report(findings=list(known)), deployed))


DOWN = HostSeen("host-1", is_up=False, silent_for=300)


def test_a_host_that_is_down_and_why(deployed: Deployment) -> None:
    away = finding("libvirt-away", uri="qemu:///system", why="gone", host="host-1")

    (found,) = _look(DOWN, deployed, away)
    assert found.kind.name == "host-down"
    assert found.what == (
        "Host host-1 is down. Last heartbeat: 5 min ago. It cannot send heartbeats "
        "because it cannot reach its libvirt."
    )
    (found,) = _look(DOWN, deployed)
    assert "Its n-cpu runs, but gets no messages from itself" in found.what
    (found,) = _look(DOWN, None)
    assert found.repair.startswith("On host-1: ")
    assert "20 s" in found.by_itself


def test_an_explained_problem_is_not_reported_twice(deployed: Deployment) -> None:
    stopped = finding("n-cpu-stopped", host="host-1", start="")

    assert _look(DOWN, deployed, stopped) == []
    waiting = {"host-1": Waiting(1, 0)}
    report = Report(findings=[stopped])
    assert list(hosts.look_at_queues(waiting, [DOWN], report, deployed)) == []


def test_states_that_an_admin_has_set(deployed: Deployment) -> None:
    forced = HostSeen("host-1", is_up=False, silent_for=1, is_forced_down=True)
    disabled = HostSeen("host-1", is_up=True, silent_for=1, disabled="moves house")

    assert [f.kind.name for f in _look(forced, deployed)] == ["host-forced-down"]
    assert [f.kind.name for f in _look(disabled, deployed)] == ["host-disabled"]


@pytest.mark.parametrize(
    ("waiting", "kinds"),
    [
        (None, ["queue-missing"]),
        (Waiting(3, 0), ["queue-unheard"]),
        (Waiting(63, 1), []),
        (Waiting(64, 1), ["queue-backlog"]),
    ],
)
def test_its_queue(
    deployed: Deployment, waiting: Waiting | None, kinds: list[str]
) -> None:
    up = HostSeen("host-1", is_up=True, silent_for=1)
    found = list(hosts.look_at_queues({"host-1": waiting}, [up], Report(), deployed))

    assert [each.kind.name for each in found] == kinds
    assert all(each.what and each.by_itself for each in found)


def test_this_machine_from_outside(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without access to its options, it looks for a process of its n-cpu."""
    program = tmp_path / "n-cpu-of-this-test"
    program.write_text("input()")
    monkeypatch.setattr(hosts, "_N_CPU", program.name)
    here = HostSeen(socket.gethostname(), is_up=True, silent_for=1)
    assert [f.kind.name for f in hosts.look_from_outside([here])] == ["n-cpu-stopped"]
    assert list(hosts.look_from_outside([DOWN])) == []

    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE):
        wait_until(lambda: processes.runs(program.name) is True, 5, "it runs")
        assert list(hosts.look_from_outside([here])) == []


def test_an_n_cpu_that_never_ran(deployed: Deployment) -> None:
    assert list(hosts.look_here(deployed, is_host=True)) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.6, "60 s"), (119, "119 s"), (120, "2 min"), (9000, "2 h")],
)
def test_ages_in_words(seconds: float, words: str) -> None:
    assert hosts.ago(seconds) == words


def test_disks(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kinds() -> list[str]:
        wanted = {str(tmp_path): "guests and images", str(tmp_path.parent): "logs"}
        return [
            each.kind.name
            for each in machine.look(wanted)
            if isinstance(each, Finding) and each.what
        ]

    assert kinds() == []
    monkeypatch.setattr(machine, "LOW", 101)
    monkeypatch.setattr(machine, "ENOUGH", 10**12)
    assert kinds() == ["disk-low"]
    monkeypatch.setattr(machine, "FULL", 10**12)
    assert kinds() == ["disk-full"]

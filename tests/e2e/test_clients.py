# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The unchanged clients from PyPI, with the clouds.yaml that stack.sh writes."""

import json
import os
import pathlib
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import pytest

from tests.e2e.conftest import Stack

VENV = pathlib.Path(
    os.environ.get("CLIENT_VENV", pathlib.Path(sys.prefix).parent / "client-venv")
)
ROUNDS = pathlib.Path(__file__).parent / "client_rounds"


_PAUSED = ["ACTIVE", "PAUSED", "ACTIVE"]
_ALL = [
    *_PAUSED,
    *("SUSPENDED", "ACTIVE", "SHUTOFF", "ACTIVE"),
    *("ACTIVE", "ACTIVE"),  # the two reboots
    *("RESCUE", "ACTIVE"),
    "ACTIVE",  # the rebuild
]
SEEN = {"sdk_proxy": _ALL, "sdk_cloud": _PAUSED, "nova": _ALL}
"""What each round prints, without its end."""
MINOVA_TICK = ("--image", "minova-tick", "--flavor", "m1.nano")


class Clients:
    """The clients that read the clouds.yaml in this home.

    Attributes:
        identity: the authentication strategy that they must work with.
        rounds: the output of each program in ``client_rounds/``. The programs run in
            parallel with the commands, because all of them mostly sleep.
    """

    def __init__(self, home: pathlib.Path, identity: str, cloud: str) -> None:
        self._env = {"HOME": str(home), "OS_CLOUD": cloud, "PATH": "/usr/bin:/bin"}
        self.identity = identity
        self.rounds: dict[str, futures.Future[str]] = {}

    def openstack(self, *arguments: str) -> str:
        """Return the output of an openstackclient command, which must succeed."""
        return self._run(VENV / "bin/openstack", *arguments)

    def ask(self, *arguments: str) -> Any:
        """The same, parsed as JSON."""
        return json.loads(self.openstack(*arguments, "-f", "json"))

    def begin_rounds(self, pool: futures.Executor) -> None:
        for name in SEEN:
            round_ = ROUNDS / f"{name}.py"
            self.rounds[name] = pool.submit(self._run, VENV / "bin/python", round_)

    def _run(self, *command: str | pathlib.Path) -> str:
        done = subprocess.run(
            command,
            env=self._env,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module", params=["noauth2", "http_basic", "keystone"])
def clients(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Clients]:
    """The stack under one strategy after the other, and noauth2 again at the end."""
    stack.script("stack.sh", IDENTITY=request.param)
    admin = Clients(stack.home, request.param, "minova")
    with futures.ThreadPoolExecutor() as pool:
        admin.begin_rounds(pool)
        yield admin
    if request.param == "keystone":
        stack.script("stack.sh", IDENTITY="noauth2")


def test_only_its_owner_can_read_clouds_yaml(clients: Clients, stack: Stack) -> None:
    file = stack.home / ".config/openstack/clouds.yaml"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in stack.output


def test_a_server_by_commands(clients: Clients) -> None:
    ask, run = clients.ask, clients.openstack
    made = ask("server", "create", *MINOVA_TICK, "--nic", "none", "--wait", "cli")
    assert (made["status"], made["addresses"]) == ("ACTIVE", {})
    assert "cli" in {server["Name"] for server in ask("server", "list")}
    listed = {server["Name"]: server for server in ask("server", "list", "--long")}
    assert listed["cli"]["Image Name"] == "minova-tick"
    assert listed["cli"]["Power State"] == 1
    assert ask("server", "show", "cli")["id"] == made["id"]
    run("server", "pause", "cli")
    assert _reaches(clients, "PAUSED")
    run("server", "unpause", "cli")
    assert _reaches(clients, "ACTIVE")
    for command, status in (
        ("suspend", "SUSPENDED"),
        ("resume", "ACTIVE"),
        ("stop", "SHUTOFF"),
        ("start", "ACTIVE"),
        ("rescue", "RESCUE"),
        ("unrescue", "ACTIVE"),
    ):
        run("server", command, "cli")
        assert _reaches(clients, status)
    run("server", "rebuild", "--wait", "cli")
    run("server", "resize", "--flavor", "m1.tiny", "--wait", "cli")
    run("server", "resize", "confirm", "cli")
    assert _reaches(clients, "ACTIVE")
    run("server", "resize", "--flavor", "m1.nano", "--wait", "cli")
    run("server", "resize", "revert", "cli")
    assert _reaches(clients, "ACTIVE")
    run("server", "reboot", "--wait", "cli")
    run("server", "reboot", "--hard", "--wait", "cli")
    events = ask("server", "event", "list", "cli")
    assert [event["Action"] for event in events] == [
        *("reboot", "reboot", "revertResize", "resize", "confirmResize", "resize"),
        *("rebuild", "unrescue", "rescue", "start", "stop", "resume"),
        *("suspend", "unpause", "pause", "create"),
    ]
    event = ask("server", "event", "show", "cli", events[0]["Request ID"])
    assert event["action"] == "reboot"
    assert event["events"][0]["result"] == "Success"
    run("server", "set", "--property", "colour=blue", "--name", "renamed", "cli")
    assert ask("server", "show", "renamed")["properties"] == {"colour": "blue"}
    assert "minova-tick: booted" in run("console", "log", "show", "renamed")
    run("server", "delete", "--wait", "renamed")
    assert "renamed" not in {server["Name"] for server in ask("server", "list")}


def _reaches(clients: Clients, status: str) -> bool:
    """Allow for a guest that is still booting when it is asked to shut down."""
    deadline = time.monotonic() + 90
    while clients.ask("server", "show", "cli")["status"] != status:
        if time.monotonic() > deadline:
            return False
    return True


def test_a_server_on_the_network(clients: Clients) -> None:
    made = clients.ask("server", "create", *MINOVA_TICK, "--wait", "auto")

    assert list(made["addresses"]) == ["private"]
    clients.openstack("server", "delete", "--wait", "auto")


def test_images_flavors_and_limits(clients: Clients) -> None:
    ask = clients.ask
    assert "m1.nano" in {flavor["Name"] for flavor in ask("flavor", "list")}
    assert "minova-tick" in {image["Name"] for image in ask("image", "list")}
    hypervisors = ask("hypervisor", "list")
    name = hypervisors[0]["Hypervisor Hostname"]
    assert ask("hypervisor", "show", name)["hypervisor_hostname"] == name
    services = ask("compute", "service", "list")
    assert {service["State"] for service in services} == {"up"}
    assert "nova" in {zone["Zone Name"] for zone in ask("availability", "zone", "list")}
    limits = ask("limits", "show", "--absolute")
    assert {"Name": "max_total_instances", "Value": 10} in limits
    # Without Keystone the command (10.5.0) needs the project and the service.
    whose = [] if clients.identity == "keystone" else ["--compute", "demo"]
    assert {"Resource": "instances", "Limit": 10} in ask("quota", "show", *whose)
    assert "PRIVATE KEY" in clients.openstack("keypair", "create", "cli")
    clients.openstack("keypair", "delete", "cli")


def test_hosts_and_aggregates(clients: Clients) -> None:
    """Without a zone: the host has servers of the rounds."""
    ask, run = clients.ask, clients.openstack
    host = ask("host", "list")[0]["Host Name"]
    assert ask("host", "show", host)[0]["Project"] == "(total)"
    made = ask("aggregate", "create", "--zone", "zone-1", "near")
    assert (made["name"], made["availability_zone"]) == ("near", "zone-1")
    run("aggregate", "set", "--zone", "zone-2", "--property", "ssd=true", "near")
    run("aggregate", "unset", "--property", "ssd", "near")
    assert ask("aggregate", "show", "near")["availability_zone"] == "zone-2"
    ask("aggregate", "create", "fast")
    assert ask("aggregate", "add", "host", "fast", host)["hosts"] == [host]
    assert ask("aggregate", "remove", "host", "fast", host)["hosts"] == []
    run("aggregate", "delete", "near", "fast")
    assert ask("aggregate", "list") == []


def test_a_server_group_and_usage(clients: Clients) -> None:
    ask, run = clients.ask, clients.openstack
    group = ask("server", "group", "create", "--policy", "anti-affinity", "apart")
    assert "apart" in {each["Name"] for each in ask("server", "group", "list")}
    one = ("server", "create", *MINOVA_TICK, "--nic", "none", "--server-group", "apart")
    member = ask(*one, "--wait", "member")
    assert ask("server", "group", "show", "apart")["members"] == [member["id"]]
    assert ask("server", "show", member["id"])["server_groups"] == [group["id"]]
    run("server", "delete", "--wait", "member")
    run("server", "group", "delete", "apart")
    # Without Keystone the client does not know the project.
    whose = [] if clients.identity == "keystone" else ["--project", "admin"]
    assert ask("usage", "show", *whose)["Servers"]
    assert ask("usage", "list")


def test_the_user_demo_sees_its_own_servers_only(
    clients: Clients, stack: Stack
) -> None:
    demo = Clients(stack.home, clients.identity, "minova-demo")

    assert demo.ask("server", "list") == []
    assert "m1.nano" in {flavor["Name"] for flavor in demo.ask("flavor", "list")}


@pytest.mark.parametrize("name", SEEN)
def test_a_round_by_a_library(clients: Clients, name: str) -> None:
    assert clients.rounds[name].result().split() == [*SEEN[name], "console", "gone"]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The clients from PyPI as they are, by the clouds.yaml that stack.sh writes."""

import json
import os
import pathlib
import stat
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Stack

VENV = pathlib.Path(
    os.environ.get("CLIENT_VENV", pathlib.Path(sys.prefix).parent / "client-venv")
)
ROUNDS = pathlib.Path(__file__).parent / "client_rounds"


class Clients:
    """The clients of whoever has this home."""

    def __init__(self, home: pathlib.Path) -> None:
        self._env = {"HOME": str(home), "OS_CLOUD": "minova", "PATH": "/usr/bin:/bin"}

    def openstack(self, *arguments: str) -> str:
        """What a command of the openstackclient prints; it must succeed."""
        return self._run(VENV / "bin/openstack", *arguments)

    def ask(self, *arguments: str) -> Any:
        """The same, read as JSON."""
        return json.loads(self.openstack(*arguments, "-f", "json"))

    def round(self, name: str) -> str:
        """Run one of ``client_rounds/`` with the libraries; what it prints."""
        return self._run(VENV / "bin/python", ROUNDS / f"{name}.py")

    def _run(self, *command: str | pathlib.Path) -> str:
        done = subprocess.run(
            command,
            env=self._env,
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module", params=["noauth2", "http_basic", "keystone"])
def clients(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Clients]:
    """The stack under one strategy after the other; noauth2 again at the end."""
    stack.script("stack.sh", IDENTITY=request.param)
    yield Clients(stack.home)
    if request.param == "keystone":
        stack.script("stack.sh", IDENTITY="noauth2")


def test_clouds_yaml_is_for_its_owner(clients: Clients, stack: Stack) -> None:
    file = stack.home / ".config/openstack/clouds.yaml"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in stack.output


def test_a_server_by_commands(clients: Clients) -> None:
    ask, run = clients.ask, clients.openstack
    image = ("--image", "minova-tick", "--flavor", "m1.nano")
    made = ask("server", "create", *image, "--nic", "none", "--wait", "cli")
    assert made["status"] == "ACTIVE"
    assert [server["Name"] for server in ask("server", "list")] == ["cli"]
    assert ask("server", "list", "--long")[0]["Status"] == "ACTIVE"
    assert ask("server", "show", "cli")["id"] == made["id"]
    run("server", "pause", "cli")
    assert _reaches(clients, "PAUSED")
    run("server", "unpause", "cli")
    assert _reaches(clients, "ACTIVE")
    run("server", "set", "--property", "colour=blue", "cli")
    assert ask("server", "show", "cli")["properties"] == {"colour": "blue"}
    events = ask("server", "event", "list", "cli")
    assert [event["Action"] for event in events] == ["unpause", "pause", "create"]
    event = ask("server", "event", "show", "cli", events[0]["Request ID"])
    assert event["action"] == "unpause"
    assert "minova" in run("console", "log", "show", "cli")
    run("server", "set", "--name", "renamed", "cli")
    run("server", "delete", "--wait", "renamed")
    assert ask("server", "list") == []


def _reaches(clients: Clients, status: str) -> bool:
    return any(
        clients.ask("server", "show", "cli")["status"] == status for _ in range(10)
    )


def test_a_server_on_the_network(clients: Clients) -> None:
    image = ("--image", "minova-tick", "--flavor", "m1.nano")
    made = clients.ask("server", "create", *image, "--wait", "auto")

    assert list(made["addresses"]) == ["private"]
    clients.openstack("server", "delete", "--wait", "auto")


def test_what_there_is(clients: Clients, tmp_path: pathlib.Path) -> None:
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
    assert "maxTotalInstances" in {limit["Name"] for limit in limits}
    assert "instances" in str(ask("quota", "show", "--compute"))
    assert "PRIVATE KEY" in clients.openstack("keypair", "create", "cli")
    clients.openstack("keypair", "delete", "cli")


@pytest.mark.parametrize("name", ["sdk_proxy", "sdk_cloud", "nova"])
def test_a_round_by_a_library(clients: Clients, name: str) -> None:
    assert clients.round(name).split() == [
        *("ACTIVE", "PAUSED", "ACTIVE", "console", "gone")
    ]

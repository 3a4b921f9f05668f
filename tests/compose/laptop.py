# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A user's checkout with a ``.env``, and the commands of the docs in a shell."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from docs.typed import Shell
from tests.real_servers import free_port, wait_until

CHECKOUT = pathlib.Path(__file__).parents[2]
NAME = IMAGE = "minova-test"
HOSTS = ["n-cpu-1", "n-cpu-2", "n-cpu-3"]
_NOT_COPIED = (".git", ".venv", "logs", ".env", "*_cache", "__pycache__", "*.egg-info")
_LONGEST = 800
"""Seconds for one block of commands. The first block builds the image."""


@dataclasses.dataclass(frozen=True)
class Time:
    """How long a step took, and how many processes wanted to run on each core."""

    seconds: float
    load: float

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s, at a load of {self.load:.1f} for each core"

    def seconds_alone(self) -> float:
        """Estimate the time on an idle machine."""
        return self.seconds / max(1, self.load)


@contextlib.contextmanager
def timed() -> Iterator[Callable[[], Time]]:
    """Yield a ``Time`` that is filled in when the block ends."""
    began, cores = time.monotonic(), os.cpu_count() or 1
    ended: list[Time] = []
    yield lambda: ended[0]
    ended.append(Time(time.monotonic() - began, os.getloadavg()[0] / cores))


class Laptop:
    """A copy of the checkout, so the tests have their own ``.env`` and ``logs``.

    Attributes:
        folder: the copy.
        url: the URL of n-api.
        from_scratch: whether the image was built without earlier layers.
        build: how long the build took.
        to_active: the time from ``up`` until the first server was ACTIVE.
    """

    from_scratch: bool
    build: "Time"
    to_active: "Time"

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder / "minova"
        shutil.copytree(
            CHECKOUT, self.folder, ignore=shutil.ignore_patterns(*_NOT_COPIED)
        )
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        (self.folder / ".env").write_text(
            f"COMPOSE_PROJECT_NAME={NAME}\nMINOVA_IMAGE={IMAGE}\nAPI_PORT={port}\n"
            f"RABBITMQ_MANAGEMENT_PORT={free_port()}\n"
        )
        self._shell = Shell(self.folder, os.environ, longest=_LONGEST)
        # A run that was killed may have left containers.
        self.run("docker-compose down -v")

    def remove(self) -> None:
        self.run("docker-compose down -v")
        self._shell.close()

    def run(self, commands: str) -> str:
        """Run commands in one shell and return their output. They must not fail."""
        return self._shell.run(commands.replace("http://127.0.0.1:8774", self.url))

    def fails(self, commands: str) -> str:
        """Return the output of commands that must fail."""
        return self.run(f"! ( {commands}\n)")

    def left_behind(self) -> list[str]:
        """Return containers, volumes and networks with the project's name."""
        label = f"label=com.docker.compose.project={NAME}"
        return [
            line
            for kind in (("ps", "-a"), ("volume", "ls"), ("network", "ls"))
            for line in docker(*kind, "-q", "--filter", label).split()
        ]

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's containers."""
        return self.run(f"docker-compose ps -q {service}").split()

    def container_of(self, host: str) -> str:
        """Return the container that holds a host's slot."""
        for container in self.containers("n-cpu"):
            if f"compute host {host}\n" in docker("logs", "--tail=5000", container):
                return container
        raise AssertionError(f"no container is {host}")

    def ask(
        self, method: str, path: str, body: Any = None, *, version: str = "2.1"
    ) -> requests.Response:
        """Send a request to n-api without a token, as the admin of project admin."""
        return requests.request(
            method,
            f"{self.url}/v2.1{path}",
            data=None if body is None else json.dumps(body),
            headers={
                "Content-Type": "application/json",
                "OpenStack-API-Version": f"compute {version}",
            },
            timeout=30,
        )

    def create(self, name: str) -> str:
        """Ask for a server of minova-tick and return its id."""
        image = self.ask("GET", "/images").json()["images"][0]["id"]
        server = {"name": name, "imageRef": image, "flavorRef": "42"}
        answer = self.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        return server_id

    def delete(self, *servers: str) -> None:
        """Delete servers. Wait for a broker that has only just come back."""

        def are_gone() -> bool:
            asked = [self.ask("DELETE", f"/servers/{one}") for one in servers]
            return all(answer.status_code == 404 for answer in asked)

        wait_until(are_gone, 60, "the servers are deleted")

    def delete_all(self) -> None:
        """Delete the servers that other tests left."""
        listed = self.ask("GET", "/servers").json()["servers"]
        self.delete(*(server["id"] for server in listed))

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()["server"]
        return shown

    def host_of(self, server_id: str) -> str:
        host: str = self.show(server_id)["OS-EXT-SRV-ATTR:host"]
        return host

    def servers(self) -> dict[str, str]:
        """Return the server on each host, by the host's name."""
        listed = self.ask("GET", "/servers/detail").json()["servers"]
        return {one["OS-EXT-SRV-ATTR:host"]: one["id"] for one in listed}

    def wait_for(self, server_id: str, status: str, timeout: float = 90) -> None:
        """Wait until a server has a status and no task."""

        def reached() -> bool:
            server = self.show(server_id)
            return server["status"] == status and not server["OS-EXT-STS:task_state"]

        wait_until(reached, timeout, f"{server_id} is {status}")

    def act(self, server_id: str, action: str) -> requests.Response:
        return self.ask("POST", f"/servers/{server_id}/action", {action: None})

    def events(self, accepted: requests.Response, server_id: str) -> list[str | None]:
        """Return the results of the events of one request."""
        request_id = accepted.headers["x-openstack-request-id"]
        path = f"/servers/{server_id}/os-instance-actions/{request_id}"
        action = self.ask("GET", path).json()["instanceAction"]
        return [event["result"] for event in action["events"]]

    def service_id(self, host: str) -> str:
        """Return the id of a compute host's service."""
        listed = self.ask("GET", f"/os-services?host={host}", version="2.53")
        (service,) = listed.json()["services"]
        service_id: str = service["id"]
        return service_id

    def hosts(self) -> dict[str, str]:
        """Return the state of each compute host."""
        services = self.ask("GET", "/os-services").json()["services"]
        return {service["host"]: service["state"] for service in services}

    def wait_for_hosts(self, *hosts: str) -> None:
        """Wait until exactly these hosts exist and are up."""
        expected = dict.fromkeys(hosts, "up")
        wait_until(lambda: self.hosts() == expected, 120, f"{hosts} are up")


def docker(*arguments: str) -> str:
    """Run ``docker`` and return its output."""
    return subprocess.run(
        ["docker", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"DOCKER_CLI_HINTS": "false"},
    ).stdout


def laptop_commands() -> list[str]:
    """Return the blocks of docs/laptop.md that a user types."""
    return _commands("docs/laptop.md", "# On a laptop")


def containers_commands(section: str) -> list[str]:
    """Return the blocks of a section of docs/containers.md that a user types."""
    return _commands("docs/containers.md", f"## {section}")


def _commands(name: str, heading: str) -> list[str]:
    text = f"\n{(CHECKOUT / name).read_text()}\n## "
    (found,) = re.findall(rf"\n{heading}\n(.*?)(?=\n## )", text, re.DOTALL)
    return re.findall(r"^ *```sh\n(.*?)^ *```", found, re.DOTALL | re.MULTILINE)

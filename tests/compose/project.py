# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster of containers of the tests' own: own names, ports, volumes and logs."""

import json
import os
import pathlib
import subprocess
import time
from typing import Any

import requests

from tests.real_servers import free_port, wait_until

CHECKOUT = pathlib.Path(__file__).parents[2]
NAME = "minova-test"


class Project:
    """What ``docker-compose`` makes of the checkout.

    Attributes:
        url: of n-api.
        logs: the folder on this machine.
    """

    def __init__(self, logs: pathlib.Path) -> None:
        self.logs = logs
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._settings = {
            "COMPOSE_PROJECT_NAME": NAME,
            "API_PORT": str(port),
            "RABBITMQ_MANAGEMENT_PORT": str(free_port()),
            "LOG_DIR": str(logs),
        }

    def compose(
        self, *arguments: str, check: bool = True, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run docker-compose; what it printed is shown when it fails."""
        done = subprocess.run(
            ["docker-compose", *arguments],
            cwd=CHECKOUT,
            env=os.environ | self._settings | settings,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers."""
        return self.compose("ps", "-q", service).stdout.split()

    def left_behind(self) -> list[str]:
        """Containers, volumes and networks that bear the project's name."""
        label = f"label=com.docker.compose.project={NAME}"
        return [
            line
            for kind in (("ps", "-a"), ("volume", "ls"), ("network", "ls"))
            for line in docker(*kind, "-q", "--filter", label).split()
        ]

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "demo:demo"
    ) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/v2.1{path}",
            data=None if body is None else json.dumps(body),
            headers={"X-Auth-Token": token, "Content-Type": "application/json"},
            timeout=30,
        )

    def create(self, name: str) -> str:
        """Ask for a server of the first image; its id."""
        images = self.ask("GET", "/images").json()["images"]
        server = {"name": name, "imageRef": images[0]["id"], "flavorRef": "42"}
        answer = self.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        return server_id

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}", token="admin")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()["server"]
        return shown

    def host_of(self, server_id: str) -> str:
        host: str = self.show(server_id)["OS-EXT-SRV-ATTR:host"]
        return host

    def wait_for(self, server_id: str, status: str, timeout: float = 60) -> None:
        """Wait for a status with no task left."""

        def reached() -> bool:
            server = self.show(server_id)
            return server["status"] == status and not server["OS-EXT-STS:task_state"]

        wait_until(reached, timeout, f"{server_id} is {status}")

    def act(self, server_id: str, action: str) -> requests.Response:
        return self.ask("POST", f"/servers/{server_id}/action", {action: None})

    def ticks(self, server_id: str) -> int:
        """The last number that the guest has counted to."""
        body = {"os-getConsoleOutput": {"length": 5}}
        answer = self.ask("POST", f"/servers/{server_id}/action", body)
        assert answer.status_code == 200, answer.text
        counted = [
            int(line.split()[1])
            for line in answer.json()["output"].splitlines()
            if line.startswith("tick ") and line.split()[1].isdigit()
        ]
        return counted[-1] if counted else 0

    def hosts(self) -> dict[str, str]:
        """State of each compute host."""
        services = self.ask("GET", "/os-services", token="admin").json()["services"]
        return {service["host"]: service["state"] for service in services}


def docker(*arguments: str) -> str:
    """What ``docker`` prints."""
    return subprocess.run(
        ["docker", *arguments], check=True, capture_output=True, text=True
    ).stdout


def seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 1)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A stack for the tests, made by stack.sh and removed by unstack.sh --clean."""

import contextlib
import json
import os
import pathlib
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.real_servers import free_port, wait_until

DEVSTACK = pathlib.Path(__file__).parents[2] / "devstack"
DEPLOYMENT = "minova-test"
USER = {"X-Auth-Token": "demo:demo", "Content-Type": "application/json"}
ADMIN = {"X-Auth-Token": "admin:admin", "Content-Type": "application/json"}
LIBVIRT = "qemu:///system"


class Stack:
    """The deployment ``minova-test``. It does not touch other stacks on this machine.

    Attributes:
        command: where ``stack.sh`` links the command ``minova``.
        output: what the last run of ``stack.sh`` printed.
        took: seconds of that run.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.conf_dir = pathlib.Path("/etc") / DEPLOYMENT
        self.data_dir = pathlib.Path("/var/lib") / DEPLOYMENT
        self.logs = pathlib.Path("/opt/stack") / DEPLOYMENT / "logs"
        self.command = pathlib.Path("/opt/stack") / DEPLOYMENT / "bin/minova"
        # Write the clouds.yaml of the tests, not that of the user who runs them.
        self.home = pathlib.Path("/opt/stack") / DEPLOYMENT / "home"
        self.keystone_port = free_port()
        self.output = ""
        self.took = 0.0

    def script(
        self, name: str, *arguments: str, check: bool = True, **settings: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of ``devstack/`` for this deployment."""
        began = time.monotonic()
        done = subprocess.run(
            [DEVSTACK / name, *arguments],
            env=self.environment() | settings,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output, self.took = done.stdout, time.monotonic() - began
        assert not check or done.returncode == 0, done.stdout
        return done

    def environment(self) -> dict[str, str]:
        """Return the variables by which the scripts know this deployment."""
        self.home.mkdir(parents=True, exist_ok=True)
        outside = {k: v for k, v in os.environ.items() if k != "SUDO_USER"}
        return outside | {
            "HOME": str(self.home),
            "DEPLOYMENT": DEPLOYMENT,
            "KEYSTONE_PORT": str(self.keystone_port),
            "KEYSTONE_VENV": f"/opt/stack/{DEPLOYMENT}/keystone-venv",
            "API_PORT": str(self.port),
            "VENV": f"/opt/stack/{DEPLOYMENT}/venv",
            # KVM may not work on this machine. Emulation always does.
            "LIBVIRT_TYPE": "qemu",
        }

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        admin: bool = False,
        version: str = "2.1",
    ) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/v2.1{path}",
            data=None if body is None else json.dumps(body),
            headers=(ADMIN if admin else USER)
            | {"OpenStack-API-Version": f"compute {version}"},
            timeout=60,
        )

    def image_id(self, name: str = "minova-tick") -> str:
        images = self.ask("GET", "/images").json()["images"]
        found: str = next(image["id"] for image in images if image["name"] == name)
        return found

    def create(self, name: str, image: str = "minova-tick") -> str:
        server = {"name": name, "imageRef": self.image_id(image), "flavorRef": "42"}
        answer = self.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        self.wait_for(server_id, "ACTIVE")
        return server_id

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}", admin=True)
        assert answer.status_code == 200, answer.text
        server: dict[str, Any] = answer.json()["server"]
        return server

    def wait_for(self, server_id: str, status: str, timeout: float = 60) -> None:
        def reached() -> bool:
            server = self.show(server_id)
            return server["status"] == status and not server["OS-EXT-STS:task_state"]

        wait_until(reached, timeout, f"{server_id} is {status}")

    def act(self, server_id: str, action: str) -> str:
        """Ask for an action, which must be accepted. Return its request id."""
        answer = self.ask("POST", f"/servers/{server_id}/action", {action: None})
        assert answer.status_code == 202, answer.text
        request_id: str = answer.headers["x-openstack-request-id"]
        return request_id

    def console(self, server_id: str, length: int | None = None) -> str:
        answer = self.ask(
            "POST",
            f"/servers/{server_id}/action",
            {"os-getConsoleOutput": {"length": length}},
        )
        assert answer.status_code == 200, answer.text
        output: str = answer.json()["output"]
        return output

    def tick(self, server_id: str) -> int:
        """Return the counter that the guest printed last, or 0 before the first."""
        lines = self.console(server_id).splitlines()
        ticks = [line.split() for line in lines if line.startswith("tick ")]
        return int(ticks[-1][1]) if ticks and len(ticks[-1]) == 2 else 0

    def n_cpu_worker(self) -> int | None:
        """Return the pid of this deployment's n-cpu worker, found by its open log."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"n-cpu worker" not in (process / "cmdline").read_bytes():
                    continue
                files = [os.readlink(file) for file in (process / "fd").iterdir()]
                if str(self.logs / "n-cpu.log") in files:
                    return int(process.name)
        return None

    def delete(self, server_id: str) -> None:
        assert self.ask("DELETE", f"/servers/{server_id}").status_code == 204
        wait_until(
            lambda: self.ask("GET", f"/servers/{server_id}").status_code == 404,
            60,
            f"{server_id} is gone",
        )


def virsh(*arguments: str) -> str:
    return subprocess.run(
        ["virsh", "--connect", LIBVIRT, *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def has_process(uuid: str) -> bool:
    """Tell whether QEMU runs a guest. This works without libvirtd."""
    found = subprocess.run(["pgrep", "--full", f"qemu.*-uuid {uuid}"], check=False)
    return found.returncode == 0


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running stack. A test that stops it starts it again."""
    running = Stack()
    running.script("unstack.sh", "--clean")
    running.script("stack.sh")
    yield running
    running.script("unstack.sh", "--clean")


@pytest.fixture(scope="session")
def server_id(stack: Stack) -> str:
    """A guest that prints a counter."""
    created = stack.create("tick")
    wait_until(lambda: stack.tick(created) > 0, 60, "the guest ticks")
    return created

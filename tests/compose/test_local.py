# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``docker run minova local``: a cloud in one process, from the compose image."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from minova.testing.asking import Asking
from tests.compose import engine
from tests.compose.laptop import CHECKOUT, IMAGE, docker
from tests.real_servers import free_port, wait_until
from tests.tick_image import TICK

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

NO_PRIVILEGES = (
    *("--user", "nobody", "--cap-drop", "ALL", "--read-only", "--tmpfs", "/tmp"),
    *("--security-opt", "no-new-privileges"),
)


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[str]:
    """The image of compose, built with cached layers."""
    with engine.running():
        engine.bring_base_images()
        docker("build", "--quiet", "--tag", IMAGE, str(CHECKOUT))
        yield IMAGE


@contextmanager
def local(
    *options: str, ports: tuple[int, ...], privileges: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """``docker run`` in the foreground, as a user runs it."""
    published = [f"--publish=127.0.0.1:{port}:{port}" for port in ports]
    with subprocess.Popen(
        ["docker", "run", "--rm", *published, *privileges, IMAGE, "local", *options],
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.terminate()


def create_and_pause(ask: Asking) -> None:
    new = {"name": "one", "flavorRef": "42", "imageRef": TICK, "networks": "auto"}
    server = ask.compute("POST", "/servers", {"server": new})["server"]["id"]

    def is_(status: str) -> bool:
        shown = ask.compute("GET", f"/servers/{server}")["server"]
        return bool(shown["status"] == status)

    wait_until(lambda: is_("ACTIVE"), 10, "it is built")
    ask.compute("POST", f"/servers/{server}/action", {"pause": None})
    wait_until(lambda: is_("PAUSED"), 10, "it is paused")


@pytest.mark.parametrize("privileges", [(), NO_PRIVILEGES], ids=["usual", "none"])
def test_on_the_loopback_until_ctrl_c(privileges: tuple[str, ...]) -> None:
    port = free_port()
    with local("--port", str(port), ports=(port,), privileges=privileges) as running:
        assert running.stdout is not None
        said = running.stdout.readline()
        assert f"http://127.0.0.1:{port}/v2.1; Ctrl-C ends it" in said
        create_and_pause(Asking(f"http://127.0.0.1:{port}"))

        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=10) == 0

    assert time.monotonic() - began < 3


def test_on_the_usual_port_until_docker_stop() -> None:
    """As docs/testing-a-tool.md shows it, except for the port on the machine."""
    port = free_port()
    check = ("--health-cmd", "ls /tmp/minova-*/clouds.yaml", "--health-interval", "1s")
    published = ("--publish", f"127.0.0.1:{port}:8774")
    run = ("run", "--detach", *check, *published, IMAGE, "local")
    container = docker(*run).strip()

    def is_healthy() -> bool:
        health = docker("inspect", "--format", "{{.State.Health.Status}}", container)
        return health == "healthy\n"

    def no_process_is_roots() -> bool:
        users = docker("top", container, "-o", "pid,user").splitlines()[1:]
        return users != [] and not [line for line in users if "root" in line]

    try:
        wait_until(is_healthy, 60, "the container is healthy")
        create_and_pause(Asking(f"http://127.0.0.1:{port}"))
        assert "servers: 1" in docker("exec", container, "minova", "status")
        # Each health check begins as root, for a moment.
        wait_until(no_process_is_roots, 5, "all processes are another user's")

        began = time.monotonic()
        docker("stop", container)
        took = time.monotonic() - began

        (state,) = json.loads(docker("inspect", container))
        assert (state["State"]["ExitCode"], state["HostConfig"]["Privileged"]) == (
            *(0, False),
        )
        assert took < 3
    finally:
        docker("rm", "--force", container)


def test_with_keystone() -> None:
    ports = free_port(), free_port()
    options = ("--port", str(ports[0]), "--keystone-port", str(ports[1]))
    with local("--identity", "keystone", *options, ports=ports) as running:
        assert running.stdout is not None
        assert "Ctrl-C ends it" in running.stdout.readline()
        assert "Keystone listens on" in running.stdout.readline()
        ask = Asking(f"http://127.0.0.1:{ports[0]}")
        ask.compute("GET", "/servers")
        assert ask.keystone is not None
        assert ask.keystone.url == f"http://127.0.0.1:{ports[1]}/v3"
        create_and_pause(ask)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=10) == 0

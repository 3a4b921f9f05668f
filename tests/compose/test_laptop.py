# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""README's section for laptops, and what a cluster of containers promises."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.compose.project import CHECKOUT, NAME, Project, docker, seconds_since
from tests.real_servers import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
HOSTS = ["n-cpu-1", "n-cpu-2", "n-cpu-3"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Three compute hosts; all of it is gone afterwards, which is a test too."""
    # A Docker engine and the base images, where they are not: minutes, the first time.
    subprocess.run(["bash", CHECKOUT / "tests/e2e/local-images.sh"], check=True)
    own = Project(tmp_path_factory.mktemp("compose") / "logs")
    own.compose("down", "-v", check=False)
    began = time.monotonic()
    own.compose("build")
    print(f"build: {seconds_since(began)} s")
    began = time.monotonic()
    own.compose("up", "-d")
    server_id = own.create("first")
    own.wait_for(server_id, "ACTIVE")
    print(f"up to the first server ACTIVE: {seconds_since(began)} s")
    own.compose("up", "-d", "--scale", "n-cpu=3")
    wait_until(lambda: sorted(own.hosts()) == HOSTS, 60, "three hosts")
    yield own
    own.compose("down", "-v")
    assert own.left_behind() == []


@pytest.fixture(scope="module")
def servers(project: Project) -> dict[str, str]:
    """A server on each host, by the host's name."""
    made = [project.create(f"server-{number}") for number in range(3)]
    for server_id in made:
        project.wait_for(server_id, "ACTIVE")
    return {project.host_of(server_id): server_id for server_id in made}


def test_servers_spread(servers: dict[str, str]) -> None:
    assert sorted(servers) == HOSTS


def test_a_guest_stands_still_while_it_is_paused(
    project: Project, servers: dict[str, str]
) -> None:
    """By its own counter, read off the console."""
    server_id = servers["n-cpu-2"]
    wait_until(lambda: project.ticks(server_id) > 2, 90, "the guest counts")

    assert project.act(server_id, "pause").status_code == 202
    project.wait_for(server_id, "PAUSED")
    stood_at = project.ticks(server_id)
    time.sleep(3)
    assert project.ticks(server_id) == stood_at
    assert project.act(server_id, "unpause").status_code == 202
    project.wait_for(server_id, "ACTIVE")
    wait_until(lambda: project.ticks(server_id) > stood_at, 30, "it goes on")


def test_logs_are_on_the_host_and_in_docker(project: Project) -> None:
    names = sorted(path.name for path in project.logs.glob("n-*.log"))
    assert names == ["n-api.log", *(f"n-cpu-{host}.log" for host in HOSTS)]
    shown = project.compose("logs", "--no-color", "n-api", "n-cpu").stdout
    assert "Pausing" in shown
    assert "Pausing" in (project.logs / "n-cpu-n-cpu-2.log").read_text()
    assert "minova-on-loopback" not in shown


def test_what_was_accepted_survives_a_broker_and_a_host(
    project: Project, servers: dict[str, str]
) -> None:
    """Killed both; accepted before, refused meanwhile, done or on record afterwards."""
    server_id = servers["n-cpu-1"]
    container = _container_of(project, "n-cpu-1")
    docker("kill", container)
    accepted = project.act(server_id, "pause")
    assert accepted.status_code == 202
    docker("kill", *project.containers("rabbitmq"))
    refused = project.act(servers["n-cpu-3"], "pause")
    assert refused.status_code == 503

    docker("start", *project.containers("rabbitmq"), container)
    wait_until(lambda: project.hosts()["n-cpu-1"] == "up", 90, "the host is back")
    wait_until(
        lambda: project.show(server_id)["OS-EXT-STS:task_state"] is None,
        60,
        "the accepted pause has its end",
    )
    request_id = accepted.headers["x-openstack-request-id"]
    record = project.ask(
        "GET", f"/servers/{server_id}/os-instance-actions/{request_id}", token="admin"
    ).json()["instanceAction"]
    # The guest died with its container, so there was nothing to be paused.
    assert [event["result"] for event in record["events"]] == ["Error"]
    wait_until(
        lambda: project.act(servers["n-cpu-3"], "pause").status_code == 202,
        30,
        "the broker is back",
    )


def test_hosts_and_servers_are_found_again(
    project: Project, servers: dict[str, str]
) -> None:
    """Scaled 3 → 1 → 3 and made anew: the same hosts, the same servers on them."""
    project.compose("up", "-d", "--scale", "n-cpu=1")
    project.compose("up", "-d", "--force-recreate", "--scale", "n-cpu=3")
    wait_until(
        lambda: project.hosts() == dict.fromkeys(HOSTS, "up"), 90, "three hosts again"
    )
    for host, server_id in servers.items():
        assert project.host_of(server_id) == host
        # A guest dies with its container; Nova calls such a server stopped.
        project.wait_for(server_id, "SHUTOFF")
    for server_id in servers.values():
        assert project.ask("DELETE", f"/servers/{server_id}").status_code == 204
    wait_until(
        lambda: project.ask("GET", "/servers?name=server").json()["servers"] == [],
        30,
        "they are deleted",
    )


def test_default_passwords_are_refused_beyond_loopback(project: Project) -> None:
    done = project.compose(
        "run", "--rm", "--no-deps", "-e", "API_BIND=0.0.0.0", "migrate", check=False
    )
    assert done.returncode != 0
    assert "a password is still the default that everybody knows" in done.stdout


def test_nothing_in_the_image_is_for_building() -> None:
    done = subprocess.run(
        ["docker", "run", "--rm", "minova", "sh", "-c", "command -v gcc cc pip make"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""


def _container_of(project: Project, host: str) -> str:
    """The container that holds a host's slot."""
    for container in project.containers("n-cpu"):
        if f"This is compute host {host}\n" in docker("logs", container):
            return container
    raise AssertionError(f"no container of {NAME} is {host}")

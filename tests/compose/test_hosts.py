# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts as containers: they stop, return, are recreated and removed."""

import time

import pytest

from tests.compose.laptop import HOSTS, Laptop, containers_commands, docker
from tests.real_servers import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.campaign, pytest.mark.timeout(900)]
SERVICE_DOWN_TIME = 60


@pytest.fixture
def servers(laptop: Laptop) -> dict[str, str]:
    """A server on each of three hosts, by the host's name."""
    laptop.wait_for_hosts(*HOSTS)
    laptop.delete_all()
    made = [laptop.create(f"of-host-{number}") for number in range(3)]
    for server_id in made:
        laptop.wait_for(server_id, "ACTIVE")
    return laptop.servers()


def test_nothing_is_scheduled_to_a_disabled_host(
    laptop: Laptop, servers: dict[str, str]
) -> None:
    """Disabled as by ``openstack compute service set --disable``."""
    service = f"/os-services/{laptop.service_id('n-cpu-2')}"
    disabled = {"status": "disabled", "disabled_reason": "for a test"}
    answer = laptop.ask("PUT", service, disabled, version="2.53")
    assert answer.status_code == 200, answer.text
    laptop.delete(servers["n-cpu-2"])
    made = [laptop.create(f"elsewhere-{number}") for number in range(2)]
    for server_id in made:
        laptop.wait_for(server_id, "ACTIVE")
    assert {laptop.host_of(server_id) for server_id in made} == {"n-cpu-1", "n-cpu-3"}

    laptop.ask("PUT", service, {"status": "enabled"}, version="2.53")
    again = laptop.create("here-again")
    laptop.wait_for(again, "ACTIVE")
    assert laptop.host_of(again) == "n-cpu-2"


def test_a_missing_host_is_down_and_settles_when_it_returns(
    laptop: Laptop, servers: dict[str, str]
) -> None:
    """Requests accepted while the host was away end when it is back."""
    server_id = servers["n-cpu-2"]
    container = laptop.container_of("n-cpu-2")
    docker("kill", container)
    gone_at = time.monotonic()
    accepted = laptop.act(server_id, "pause")
    assert accepted.status_code == 202
    wait_until(lambda: laptop.hosts()["n-cpu-2"] == "down", 90, "it is shown down")
    assert time.monotonic() - gone_at < SERVICE_DOWN_TIME + 5
    assert laptop.hosts() == {"n-cpu-1": "up", "n-cpu-2": "down", "n-cpu-3": "up"}
    assert laptop.show(server_id)["OS-EXT-STS:task_state"] == "pausing"
    assert laptop.events(accepted, server_id) == []

    docker("start", container)
    laptop.wait_for(server_id, "SHUTOFF")
    assert laptop.events(accepted, server_id) == ["Error"]
    assert laptop.host_of(server_id) == "n-cpu-2"


def test_hosts_and_servers_are_found_after_a_restart(
    laptop: Laptop, servers: dict[str, str]
) -> None:
    """Restarted, scaled 3 → 1 → 3 and recreated. Guests die with their containers."""
    for commands in (
        "docker-compose restart",
        "docker-compose up -d --scale n-cpu=1\n"
        "docker-compose up -d --scale n-cpu=3 --force-recreate",
    ):
        laptop.run(commands)
        laptop.wait_for_hosts(*HOSTS)
        for server_id in servers.values():
            laptop.wait_for(server_id, "SHUTOFF")
        assert laptop.servers() == servers
    added = laptop.create("after-it")
    laptop.wait_for(added, "ACTIVE")
    laptop.delete(added)


def test_a_host_is_removed_for_good(laptop: Laptop, servers: dict[str, str]) -> None:
    """By the commands of docs/containers.md. A host added later starts empty."""
    assert servers
    laptop.run("\n".join(containers_commands("Removing a host for good")))
    laptop.wait_for_hosts("n-cpu-1", "n-cpu-2")
    assert sorted(laptop.servers()) == ["n-cpu-1", "n-cpu-2"]
    slots = laptop.run("docker-compose exec -T n-cpu ls /var/lib/minova/hosts")
    assert "n-cpu-3" not in slots

    laptop.run("docker-compose up -d --scale n-cpu=3")
    laptop.wait_for_hosts(*HOSTS)
    added = laptop.create("on-a-new-host")
    laptop.wait_for(added, "ACTIVE")
    assert laptop.host_of(added) == "n-cpu-3"

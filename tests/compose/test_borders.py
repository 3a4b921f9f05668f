# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits of containers: no privileges, no default passwords beyond the loopback."""

import json
import re
from typing import Any

import pytest

from tests.compose.laptop import HOSTS, NAME, Laptop, docker
from tests.real_servers import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
OWN = {"RABBITMQ_PASSWORD": "a", "MARIADB_PASSWORD": "b", "MARIADB_ROOT_PASSWORD": "c"}


@pytest.fixture
def containers(laptop: Laptop) -> list[dict[str, Any]]:
    """Return what Docker knows about each running container."""
    laptop.wait_for_hosts(*HOSTS)
    label = f"label=com.docker.compose.project={NAME}"
    ids = docker("ps", "--quiet", "--filter", label).split()
    known: list[dict[str, Any]] = json.loads(docker("inspect", *ids))
    assert len(known) == 7  # the broker, the database, n-api, `ready`, three hosts
    return known


def test_no_container_has_privileges(containers: list[dict[str, Any]]) -> None:
    for one in containers:
        host = one["HostConfig"]
        assert not host["Privileged"]
        assert not host["CapAdd"]
        assert not host["Devices"]
        assert host["NetworkMode"].startswith(NAME)
        assert not host["PidMode"]


def test_containers_are_bounded_checked_and_restarted(
    containers: list[dict[str, Any]],
) -> None:
    for one in containers:
        assert one["HostConfig"]["Memory"] > 0
        assert one["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
        if one["Config"]["Labels"]["com.docker.compose.service"] != "ready":
            assert one["State"]["Health"]["Status"] == "healthy"


def test_containers_share_only_logs_with_the_machine(
    laptop: Laptop, containers: list[dict[str, Any]]
) -> None:
    bound = {
        mount["Source"]
        for one in containers
        for mount in one["Mounts"]
        if mount["Type"] == "bind"
    }
    assert bound == {str(laptop.folder / "logs")}
    published = {
        binding["HostIp"]
        for one in containers
        for bindings in one["NetworkSettings"]["Ports"].values()
        for binding in bindings or []
    }
    assert published == {"127.0.0.1"}


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_offers_what_its_container_may_take(
    laptop: Laptop, containers: list[dict[str, Any]], name: str
) -> None:
    """Otherwise the kernel would kill servers for lack of memory."""
    container = laptop.container_of(name)
    (limit,) = {
        int(one["HostConfig"]["Memory"]) >> 20
        for one in containers
        if one["Id"].startswith(container)
    }

    def memory_mb() -> int:
        listed = laptop.ask("GET", "/os-hypervisors/detail").json()["hypervisors"]
        (found,) = [
            int(each["memory_mb"])
            for each in listed
            if each["hypervisor_hostname"] == name
        ]
        return found

    def finds_all() -> bool:
        return _found_at_start(container) == memory_mb()

    if not finds_all():
        # Some virtual machines get more or less memory while they run.  A container
        # finds out at its start how much there is.
        docker("restart", container)
        wait_until(finds_all, 90, "the container finds the memory of the machine")
    # Since then, the machine may have changed again.
    found = _found_at_start(container)
    assert _reserved(container) == found - min(limit, found) + 512


def _found_at_start(container: str) -> int:
    """Return the MiB that libvirt found at the container's last start."""
    found = re.findall(r"libvirt finds (\d+) MiB", docker("logs", container))
    return int(found[-1])


def _reserved(container: str) -> int:
    """Return the option that the container set last at its start."""
    config = docker("exec", container, "cat", "/etc/minova/minova.conf")
    found = re.findall(r"^reserved_host_memory_mb = (\d+)$", config, re.MULTILINE)
    return int(found[-1])


@pytest.mark.parametrize(
    ("service", "daemon"),
    [
        ("n-api", "n-api|gunicorn"),
        ("n-cpu", "minova-compute"),
        ("n-cpu", "qemu-system"),
    ],
)
def test_daemons_do_not_run_as_root(laptop: Laptop, service: str, daemon: str) -> None:
    """Only libvirtd is root, and only in its container."""
    if daemon == "qemu-system":
        server_id = laptop.create("a-guest")
        laptop.wait_for(server_id, "ACTIVE")
        container = laptop.container_of(laptop.host_of(server_id))
    else:
        container = laptop.containers(service)[0]
    rows = docker("top", container, "-eo", "pid,uid,args").splitlines()[1:]
    of_daemon = [
        row
        for row in rows
        if re.search(daemon, row) and not re.search(r"docker-init|restart_loop", row)
    ]
    assert of_daemon
    assert "0" not in {row.split()[1] for row in of_daemon}, of_daemon
    assert "minova-on-loopback" not in "".join(rows)


@pytest.mark.parametrize(
    ("bind", "password"),
    [
        ("API_BIND", "MARIADB_PASSWORD"),
        ("RABBITMQ_BIND", "RABBITMQ_PASSWORD"),
        ("RABBITMQ_BIND", "MARIADB_ROOT_PASSWORD"),
    ],
)
def test_default_passwords_are_refused_beyond_loopback(
    laptop: Laptop, bind: str, password: str
) -> None:
    """Compose refuses each default password, for each published port."""
    others = " ".join(f"{key}={text}" for key, text in OWN.items() if key != password)
    project = f"export COMPOSE_PROJECT_NAME={NAME}-refused {bind}=192.0.2.1 {others}"
    laptop.fails(f"{project}; docker-compose up -d")
    label = f"label=com.docker.compose.project={NAME}-refused"
    started = docker("ps", "--filter", label, "--format", "{{.Names}}")
    why = laptop.run(f"({project}; docker-compose logs check; docker-compose down -v)")
    assert started == ""
    assert f"and {password} still has its public default" in why


def test_changed_passwords_are_accepted_beyond_loopback(laptop: Laptop) -> None:
    passwords = " ".join(f"{key}={text}" for key, text in OWN.items())
    binds = "API_BIND=0.0.0.0 RABBITMQ_BIND=0.0.0.0"
    laptop.run(f"{binds} {passwords} docker-compose run --rm --no-deps check")

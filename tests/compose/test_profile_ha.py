# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The profile `ha`: one broker node and one n-api stop under load.

These tests run last in this folder, because they leave the cluster changed.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import requests

from tests.compose.laptop import HOSTS, Laptop, docker
from tests.real_servers import free_port, wait_until

pytestmark = [pytest.mark.docker, pytest.mark.campaign, pytest.mark.timeout(900)]
BROKERS = ["rabbitmq", "rabbitmq-2", "rabbitmq-3"]
SERVERS = 4
# Per thread, until n-api and its hosts have found the other nodes.
MOST_REFUSED = 10


@pytest.fixture(scope="module")
def cluster(laptop: Laptop) -> Iterator[Laptop]:
    """The cluster, asked through the proxy."""
    port, direct = free_port(), laptop.url
    with (laptop.folder / ".env").open("a") as settings:
        settings.write(
            f"COMPOSE_PROFILES=ha\nBROKER_HOSTS={' '.join(BROKERS)}\n"
            f"BEHIND_PROXY=true\nPROXY_PORT={port}\n"
        )
    laptop.delete_all()
    laptop.run("docker-compose up -d --scale n-cpu=3")
    laptop.url = f"http://127.0.0.1:{port}"
    laptop.wait_for_hosts(*HOSTS)
    yield laptop
    laptop.url = direct


class Load:
    """A thread that pauses and unpauses one server, one request after the other."""

    def __init__(self, cluster: Laptop, number: int) -> None:
        self._cluster = cluster
        self._server_id = cluster.create(f"under-load-{number}")
        cluster.wait_for(self._server_id, "ACTIVE")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.accepted: list[requests.Response] = []
        self.refused: Counter[int | str] = Counter()
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            try:
                self._act()
            except requests.RequestException as error:
                self.refused[type(error).__name__] += 1

    def _act(self) -> None:
        server = self._cluster.ask("GET", f"/servers/{self._server_id}")
        if server.status_code != 200:
            self.refused[f"GET {server.status_code}"] += 1
            return
        shown = server.json()["server"]
        if shown["OS-EXT-STS:task_state"]:
            return
        action = "unpause" if shown["status"] == "PAUSED" else "pause"
        answer = self._cluster.act(self._server_id, action)
        if answer.status_code == 202:
            self.accepted.append(answer)
        else:
            self.refused[answer.status_code] += 1

    def stop(self) -> list[list[str | None]]:
        """End the load and return the results of all accepted requests."""
        self._stop.set()
        self._thread.join()
        wait_until(
            lambda: not self._cluster.show(self._server_id)["OS-EXT-STS:task_state"],
            60,
            "the last accepted request has its end",
        )
        return [
            self._cluster.events(answer, self._server_id) for answer in self.accepted
        ]


def test_queues_have_a_member_on_each_node(cluster: Laptop) -> None:
    listed = cluster.run(
        "docker-compose exec -T rabbitmq"
        " rabbitmqctl -q list_queues --vhost minova name type members"
    )
    of_hosts = [line for line in listed.splitlines() if line.startswith("compute.n-")]
    assert len(of_hosts) == len(HOSTS)
    for line in of_hosts:
        assert all(f"rabbit@{node}" in line for node in BROKERS), line


def test_links_show_the_address_of_the_proxy(cluster: Laptop) -> None:
    document = cluster.ask("GET", "/").json()["version"]
    assert document["links"][0]["href"] == f"{cluster.url}/v2.1/"
    # Headers from a client beyond the proxy are not trusted.
    answer = requests.get(
        f"{cluster.url}/v2.1/",
        headers={"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https"},
        timeout=10,
    )
    assert "elsewhere" not in answer.text


def test_a_broker_node_and_an_api_stop_under_load(
    cluster: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every accepted request is done, few are refused, and the rest keep working."""
    loads = [Load(cluster, number) for number in range(SERVERS)]
    time.sleep(8)
    gone = [cluster.containers("rabbitmq")[0], cluster.containers("n-api")[0]]
    docker("kill", *gone)
    time.sleep(20)
    accepted_by_then = sum(len(load.accepted) for load in loads)
    time.sleep(8)
    results = [result for load in loads for result in load.stop()]
    refused = sum((load.refused for load in loads), Counter[int | str]())
    docker("start", *gone)

    with capsys.disabled():
        print(f"\nwithout one: {len(results)} accepted, refused: {dict(refused)}")
    assert results
    assert all(result == ["Success"] for result in results)
    assert refused.total() <= MOST_REFUSED * SERVERS
    assert len(results) > accepted_by_then

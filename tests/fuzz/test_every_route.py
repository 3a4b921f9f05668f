# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""No request makes n-api fail, show its internals, or crash.

``MINOVA_FUZZ_REQUESTS`` says how many requests go to each method of each route. The
default is that of every run, more than 10,000 in all. 10000 is the whole campaign.
"""

import http.client
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster
from tests.fuzz.endpoints import Endpoint, every_endpoint
from tests.fuzz.generator import Generator, Sent
from tests.tick_image import TICK

REQUESTS = int(os.environ.get("MINOVA_FUZZ_REQUESTS", "120"))
SEED = os.environ.get("MINOVA_FUZZ_SEED", "minova")
THREADS = 4
_OF_NOVA = (b"catalog.EmptyCatalog", b"The requested functionality is not supported.")
"""Answers of a Nova without Neutron and Cinder, and of one with the libvirt driver."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster for these tests only, because their requests may change anything."""
    folder = tmp_path_factory.mktemp("fuzz")
    with real_servers.rabbitmq() as broker:
        url = f"sqlite:///{folder}/minova.sqlite"
        with clusters.running(folder, broker.new_vhost(), url) as running:
            yield running


@pytest.fixture(scope="module")
def known(cluster: Cluster) -> dict[str, list[str]]:
    """Existing ids, so that not all requests end with a 404."""
    own = [cluster.create_server(f"fuzz-{number}") for number in range(2)]
    services = cluster.ask("GET", "/os-services", token="admin").json()["services"]
    aggregate = {"aggregate": {"name": "fuzz"}}
    hosts = cluster.ask("POST", "/os-aggregates", aggregate, token="admin").json()
    group = {"server_group": {"name": "fuzz", "policies": ["affinity"]}}
    servers = cluster.ask("POST", "/os-server-groups", group).json()
    return {
        "server_id": own,
        "aggregate_id": [str(hosts["aggregate"]["id"])],
        "host": ["host-1"],
        "flavor_id": ["42", "1"],
        "image_id": [TICK],
        "service_id": [str(service["id"]) for service in services],
        "group_id": [servers["server_group"]["id"]],
        "tenant_id": ["demo", "admin"],
        "before": ["2026-11-28 19:00:00", "2026-01-01 00:00:00.5"],
        "id": ["demo", "admin"],
        "project_id": ["demo", "admin"],
        "key": ["a", "k"],
        "tag": ["a", "fuzz"],
    }


@pytest.mark.parametrize("endpoint", every_endpoint(), ids=str)
def test_it_withstands_random_requests(
    endpoint: Endpoint, cluster: Cluster, known: dict[str, list[str]]
) -> None:
    """Every answer is one that Nova could give, without a traceback."""
    share = -(-REQUESTS // THREADS)

    def throw(part: int) -> None:
        generator = Generator(f"{SEED}:{endpoint}:{part}", known)
        connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=60)
        for number in range(share):
            sent = generator.request(endpoint)
            status, body = _send(connection, sent)
            assert status < 500 or any(text in body for text in _OF_NOVA), (
                f"request {part}/{number}: {sent} -> {status} {body!r}"
            )
            assert b"Traceback" not in body, sent
            assert b'File "' not in body, sent
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(throw, range(THREADS)))


def test_it_is_healthy_afterwards(cluster: Cluster) -> None:
    """n-api and the pause of a server work, and the log shows no bug."""
    cluster.ask("PUT", "/os-services/enable", _HOST, token="admin")
    cluster.ask(
        "PUT", "/os-services/force-down", _HOST | {"forced_down": False}, token="admin"
    )
    cluster.ask("DELETE", "/os-quota-sets/calm", token="admin:calm")
    answer = cluster.session.get(f"{cluster.url}/healthcheck", timeout=5)

    # The requests may have changed or removed what was there before.
    flavor = {"id": "calm", "name": "calm", "ram": 64, "vcpus": 1, "disk": 1}
    cluster.ask("POST", "/flavors", {"flavor": flavor}, token="admin")
    calm = {"name": "calm", "imageRef": TICK, "flavorRef": "calm"}
    created = cluster.ask("POST", "/servers", {"server": calm}, token="calm:calm")
    assert answer.status_code == 200
    assert created.status_code == 202, created.text
    server_id = created.json()["server"]["id"]
    cluster.wait_for(server_id, "ACTIVE")
    path = f"/servers/{server_id}/action"
    assert (
        cluster.ask("POST", path, {"pause": None}, token="calm:calm").status_code == 202
    )
    cluster.wait_for(server_id, "PAUSED")
    log = cluster.api_log()
    assert "Traceback" not in log
    # Nova logs an error if somebody names the wrong host.
    errors = [line for line in log.splitlines() if " ERROR " in line]
    assert [line for line in errors if "Failed to remove host" not in line] == []


_HOST = {"host": "host-1", "binary": "nova-compute"}


def _send(connection: http.client.HTTPConnection, sent: Sent) -> tuple[int, bytes]:
    """Send a request. If n-api closed the connection after an answer, reopen it."""
    for attempt in (1, 2):
        try:
            connection.request(
                sent.method, sent.target, body=sent.body, headers=dict(sent.headers)
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (http.client.RemoteDisconnected, ConnectionError):
            connection.close()
            if attempt == 2:
                raise
    raise AssertionError

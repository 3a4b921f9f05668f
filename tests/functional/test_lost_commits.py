# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The answer to a COMMIT is lost: it was committed, but the client does not know."""

import time
from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.cutting_proxy import CuttingProxy
from tests.real_mariadb import DRIVERS, MariaDB
from tests.real_servers import RabbitMQ, wait_until
from tests.tick_image import TICK

CLAIM = b"task_state='pausing'"
START = b"UPDATE instances SET claim_started_at="
FINISH = b"vm_state='paused'"


@pytest.fixture(scope="module")
def proxy(mariadb: MariaDB) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(mariadb.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module", params=DRIVERS)
def shop(
    request: pytest.FixtureRequest,
    rabbitmq: RabbitMQ,
    mariadb: MariaDB,
    proxy: CuttingProxy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    url = mariadb.new_database(f"minova_lost_{request.param}", request.param)
    cluster = Cluster(
        tmp_path_factory.mktemp("lost"),
        rabbitmq.new_vhost(),
        url.replace(str(mariadb.port), str(proxy.port)),
    )
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


def test_a_claim_with_a_lost_commit_is_given_back(
    shop: Cluster, proxy: CuttingProxy
) -> None:
    """n-api answers 503, and by then nothing is changed."""
    server_id = shop.create_server()
    proxy.lose_commit_after(CLAIM)

    answer = shop.act(server_id, "pause")

    assert proxy.lost.wait(5)
    assert answer.status_code == 503
    server = shop.show(server_id)
    assert (server["status"], server["OS-EXT-STS:task_state"]) == ("ACTIVE", None)
    record = shop.record(server_id, answer.headers["x-openstack-request-id"])
    assert (record["message"], record["events"]) == ("Error", [])
    assert shop.act(server_id, "pause").status_code == 202
    shop.wait_for(server_id, "PAUSED")


def test_a_claim_with_a_lost_commit_is_given_back_after_the_outage(
    shop: Cluster, proxy: CuttingProxy
) -> None:
    """The outage outlasts the grace time.

    A claim that was never cast is not performed.
    """
    server_id = shop.create_server()
    proxy.lose_commit_after(CLAIM, then_shut=True)

    answer = shop.act(server_id, "pause")
    assert proxy.lost.wait(5)
    time.sleep(9)
    proxy.open()

    assert answer.status_code == 503
    wait_until(
        lambda: shop.ask("GET", f"/servers/{server_id}").status_code == 200, 5, "back"
    )
    wait_until(
        lambda: shop.show(server_id)["OS-EXT-STS:task_state"] is None, 5, "given back"
    )
    record = shop.record(server_id, answer.headers["x-openstack-request-id"])
    assert (record["message"], record["events"]) == ("Error", [])
    assert shop.show(server_id)["status"] == "ACTIVE"
    # The outage was longer than service_down_time, so wait for a heartbeat.
    wait_until(lambda: shop.hosts() == {"host-1": "up"}, 5, "the host is up")


@pytest.fixture
def huge(shop: Cluster) -> str:
    """A flavor too large for every host, so its servers start in ERROR."""
    flavor = {"name": "huge", "id": "huge", "ram": 2**30, "vcpus": 1, "disk": 1}
    answer = shop.ask("POST", "/flavors", {"flavor": flavor}, token="admin")
    assert answer.status_code == 200, answer.text
    return "huge"


def test_a_create_with_a_lost_commit_leaves_no_server(
    shop: Cluster, proxy: CuttingProxy
) -> None:
    _see_nothing_left(shop, proxy, "42")


def test_a_create_without_a_host_and_with_a_lost_commit_leaves_no_server(
    shop: Cluster, proxy: CuttingProxy, huge: str
) -> None:
    _see_nothing_left(shop, proxy, huge)


def _see_nothing_left(shop: Cluster, proxy: CuttingProxy, flavor: str) -> None:
    server = {"name": "lost", "imageRef": TICK, "flavorRef": flavor}
    proxy.lose_commit_after(b"INSERT INTO instances")

    answer = shop.ask("POST", "/servers", {"server": server})

    assert proxy.lost.wait(5)
    assert answer.status_code == 503
    # At once on an idle machine. The caller waits for 2 s at most.
    wait_until(
        lambda: shop.ask("GET", "/servers?name=lost").json() == {"servers": []},
        5,
        "nothing is left of it",
    )


@pytest.mark.parametrize("statement", [START, FINISH], ids=["start", "finish"])
def test_the_host_stores_again_after_a_lost_commit(
    shop: Cluster, proxy: CuttingProxy, statement: bytes
) -> None:
    """Done once on the guest, one event, stored as soon as the database is back."""
    server_id = shop.create_server()
    proxy.lose_commit_after(statement, then_shut=True)

    answer = shop.act(server_id, "pause")
    assert answer.status_code == 202
    assert proxy.lost.wait(5)
    time.sleep(1.5)
    proxy.open()

    wait_until(
        lambda: shop.ask("GET", f"/servers/{server_id}").status_code == 200, 5, "back"
    )
    shop.wait_for(server_id, "PAUSED", timeout=4)
    record = shop.record(server_id, answer.headers["x-openstack-request-id"])
    assert record["message"] is None
    assert [event["result"] for event in record["events"]] == ["Success"]
    log = shop.log_of("host-1").read_text()
    assert log.count(f"[instance: {server_id}] Pausing") == 1
    assert log.count(f"[instance: {server_id}] Cannot store") == 1

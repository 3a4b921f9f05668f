# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api answers in time whatever RabbitMQ does, and everything recovers by itself."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent import futures

import pytest

from tests import cluster as clusters
from tests import real_servers, steady_reader
from tests.cluster import Cluster
from tests.real_servers import RabbitMQ, wait_until

Fault = Callable[[RabbitMQ], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def _stopped(broker: RabbitMQ) -> Iterator[None]:
    broker.stop()
    try:
        yield
    finally:
        broker.start()


@contextlib.contextmanager
def _killed(broker: RabbitMQ) -> Iterator[None]:
    broker.kill()
    try:
        yield
    finally:
        broker.start()


def _memory(broker: RabbitMQ) -> contextlib.AbstractContextManager[None]:
    return broker.alarm("memory")


def _disk(broker: RabbitMQ) -> contextlib.AbstractContextManager[None]:
    return broker.alarm("disk")


def _frozen(broker: RabbitMQ) -> contextlib.AbstractContextManager[None]:
    return broker.frozen()


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    with real_servers.rabbitmq() as own:
        yield own


@pytest.fixture(scope="module")
def away(
    broker: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Cluster, str]]:
    """A cluster whose broker goes away several times, and one of its servers."""
    folder = tmp_path_factory.mktemp("away")
    database = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, broker.new_vhost(), database) as cluster:
        yield cluster, cluster.create_server()


@pytest.mark.parametrize("fault", [_killed, _stopped, _memory, _disk, _frozen])
def test_a_broker_that_is_away(
    away: tuple[Cluster, str], broker: RabbitMQ, fault: Fault
) -> None:
    """503 in time and nothing changed. Later requests get it at once; reads stay quick.

    The frozen broker is away for longer than the heartbeat of its connections (10 s).
    """
    cluster, server_id = away
    cluster.wait_for(server_id, "ACTIVE", timeout=30)
    before = cluster.show(server_id)
    quiet = [_others(cluster, server_id)]

    with fault(broker):
        began = time.monotonic()
        first = cluster.act(server_id, "pause")
        assert first.status_code == 503, first.text
        assert time.monotonic() - began < 5
        record = cluster.record(server_id, first.headers["x-openstack-request-id"])
        assert (record["message"], record["events"]) == ("Error", [])

        reads = _flood(cluster, server_id)

        assert cluster.show(server_id) == before | {"updated": _updated(cluster)}
        wait_until(
            lambda: cluster.hosts() == {"host-1": "down"}, 30, "the host is seen down"
        )
        assert _most_threads(cluster) < 80 + 12 + 4 + 20
        if fault is _frozen:
            time.sleep(max(0.0, began + 25 - time.monotonic()))

    wait_until(
        lambda: cluster.act(server_id, "pause").status_code == 202, 5, "accepted again"
    )
    cluster.wait_for(server_id, "PAUSED", timeout=30)
    assert cluster.act(server_id, "unpause").status_code == 202
    cluster.wait_for(server_id, "ACTIVE")
    wait_until(
        lambda: cluster.hosts() == {"host-1": "up"}, 30, "the host is up by itself"
    )
    quiet.append(_others(cluster, server_id))
    within = steady_reader.bound(0.1, quiet, 0.5)
    assert reads.quicker_than(0.5) < within, sorted(reads.seconds)


def _flood(cluster: Cluster, server_id: str) -> steady_reader.Reads:
    """Send 64 POSTs at once, then a few at a time during reads."""

    def post(_number: int) -> tuple[str, float]:
        began = time.monotonic()
        answer = cluster.act(server_id, "pause")
        return answer.text, time.monotonic() - began

    with futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(post, range(64)))
    with steady_reader.reading(cluster.port, server_id) as reads:
        with futures.ThreadPoolExecutor(4) as pool:
            answers += pool.map(post, range(64))
        time.sleep(1)
    # n-api refuses at once. If it waited for the broker again, the error would name the
    # host.
    (text,) = {text for text, _ in answers}
    assert '"code": 503' in text
    assert "The message broker could not be reached" in text
    assert max(took for _, took in answers) < 5
    return reads


def _others(cluster: Cluster, server_id: str) -> steady_reader.Reads:
    """Read while as many POSTs are refused for a reason other than RabbitMQ."""
    with steady_reader.reading(cluster.port, server_id) as reads:
        with futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: cluster.act("nobody", "pause"), range(64)))
        time.sleep(1)
    return reads


@pytest.mark.parametrize("fault", ["cut", "queue", "restart"])
def test_a_broker_that_returns_at_once(
    away: tuple[Cluster, str], broker: RabbitMQ, fault: str
) -> None:
    """Cut connections, a deleted queue, a restarted node: everything recovers."""
    cluster, server_id = away
    cluster.wait_for(server_id, "ACTIVE", timeout=30)

    if fault == "cut":
        broker.cut_connections()
    elif fault == "queue":
        broker.ctl("delete_queue", "--vhost", cluster.vhost, "compute.host-1")
    else:
        broker.stop()
        broker.start()

    began = time.monotonic()
    status = 0
    while status != 202 and time.monotonic() < began + 15:
        sent = time.monotonic()
        status = cluster.act(server_id, "pause").status_code
        assert status in {202, 503}
        assert time.monotonic() - sent < 5
    cluster.wait_for(server_id, "PAUSED", timeout=30)
    assert cluster.act(server_id, "unpause").status_code == 202
    cluster.wait_for(server_id, "ACTIVE", timeout=30)


def test_the_queues_have_the_promised_type(
    away: tuple[Cluster, str], broker: RabbitMQ
) -> None:
    cluster, _ = away
    listed = broker.ctl(
        *("list_queues", "--vhost", cluster.vhost, "--formatter", "csv"),
        *("name", "type", "durable"),
    )
    # This file has no such option, so minova's default holds.
    assert '"compute.host-1","quorum","true"' in listed.replace("rabbit_", "")


def _updated(cluster: Cluster) -> str:
    updated: str = cluster.ask("GET", "/servers/detail").json()["servers"][0]["updated"]
    return updated


def _most_threads(cluster: Cluster) -> int:
    return max(
        len(list((worker / "task").iterdir())) for worker in cluster.api_workers()
    )

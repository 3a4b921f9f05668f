# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A confirm that does not come, and a confirm for another message."""

import pathlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import amqp
import pytest
import requests
from amqp import spec
from oslo_config import cfg

from minova import exception, rpc
from minova.context import RequestContext
from tests.cluster import Cluster
from tests.gated_proxy import GatedProxy
from tests.real_servers import RabbitMQ, wait_until


@pytest.fixture
def proxy(rabbitmq: RabbitMQ) -> Iterator[GatedProxy]:
    proxy = GatedProxy(rabbitmq.port)
    yield proxy
    proxy.close()


@pytest.fixture
def proxied(own_cluster: Cluster, proxy: GatedProxy, rabbitmq: RabbitMQ) -> Cluster:
    """A cluster in which only n-api reaches RabbitMQ through the proxy."""
    own_cluster.start_host()
    own_cluster.transport_url = own_cluster.transport_url.replace(
        str(rabbitmq.port), str(proxy.port)
    )
    own_cluster.start_api()
    return own_cluster


def test_a_confirm_that_is_held_back(proxied: Cluster, proxy: GatedProxy) -> None:
    """The message itself is delivered and performed, so the answer is 202."""
    cluster = proxied
    server_id = cluster.create_server()

    with proxy.answers_held():
        began = time.monotonic()
        answer = cluster.act(server_id, "pause")
        took = time.monotonic() - began
        cluster.wait_for(server_id, "PAUSED")
        # The broker is known to be away: n-api refuses at once and claims nothing.
        began = time.monotonic()
        refused = cluster.act(server_id, "unpause")
        assert (refused.status_code, cluster.show(server_id)["status"]) == (
            503,
            "PAUSED",
        )
        assert time.monotonic() - began < 2

    assert answer.status_code == 202
    assert 2.5 < took < 5
    record = cluster.record(server_id, answer.headers["x-openstack-request-id"])
    assert [event["result"] for event in record["events"]] == ["Success"]
    wait_until(
        lambda: cluster.act(server_id, "unpause").status_code == 202, 5, "accepted"
    )
    cluster.wait_for(server_id, "ACTIVE")


def test_a_message_that_comes_after_its_claim_was_given_back(
    proxied: Cluster, proxy: GatedProxy
) -> None:
    """n-api answers 503, then the message comes. n-cpu drops it."""
    cluster = proxied
    server_id = cluster.create_server()

    with proxy.messages_held():
        answer = cluster.act(server_id, "pause")
        assert answer.status_code == 503
        assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None

    request_id = answer.headers["x-openstack-request-id"]
    late = f"{request_id} demo demo] [instance: {server_id}] Too late to pause"
    wait_until(
        lambda: late in cluster.log_of("host-1").read_text(), 15, "it is dropped"
    )
    assert cluster.show(server_id)["status"] == "ACTIVE"
    assert cluster.record(server_id, request_id)["events"] == []
    wait_until(
        lambda: cluster.act(server_id, "pause").status_code == 202, 5, "accepted"
    )
    cluster.wait_for(server_id, "PAUSED")


def test_a_second_delete_is_not_answered_before_the_first(
    proxied: Cluster, proxy: GatedProxy
) -> None:
    """A 204 is a promise. If the first delete is given back, the second must be too."""
    cluster = proxied
    server_id = cluster.create_server()

    with proxy.messages_held(), ThreadPoolExecutor() as pool:
        path = f"/servers/{server_id}"
        first = pool.submit(cluster.ask, "DELETE", path)
        wait_until(
            lambda: cluster.show(server_id)["OS-EXT-STS:task_state"] == "deleting",
            10,
            "it is claimed",
        )
        second = pool.submit(cluster.ask, "DELETE", path)
        answers = [first.result().status_code, second.result().status_code]

    assert answers == [503, 503]
    assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None
    wait_until(
        lambda: cluster.ask("DELETE", path).status_code == 204, 5, "accepted again"
    )
    wait_until(lambda: cluster.ask("GET", path).status_code == 404, 10, "it is gone")


def test_n_api_stops_while_a_message_is_on_its_way(
    proxied: Cluster, proxy: GatedProxy
) -> None:
    """A claim and its cast stay together: SIGTERM waits for the result of both."""
    cluster = proxied
    server_id = cluster.create_server()
    answers: list[requests.Response] = []

    with proxy.messages_held():
        asking = threading.Thread(
            target=lambda: answers.append(cluster.act(server_id, "pause"))
        )
        asking.start()
        wait_until(
            lambda: cluster.show(server_id)["OS-EXT-STS:task_state"] == "pausing",
            10,
            "it is claimed",
        )
        cluster.stop_api()
        asking.join()

    assert [answer.status_code for answer in answers] == [503]
    cluster.start_api()
    assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None


def test_each_message_without_a_queue_is_told(
    rabbitmq: RabbitMQ, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A returned message leaves no confirm for the next message on its connection."""
    frames: list[object] = []
    dispatch = amqp.Channel.dispatch_method

    def note(channel: amqp.Channel, signature: object, *rest: object) -> object:
        frames.append(signature)
        return dispatch(channel, signature, *rest)

    monkeypatch.setattr(amqp.Channel, "dispatch_method", note)
    file = tmp_path / "minova.conf"
    file.write_text(f"[DEFAULT]\ntransport_url = {rabbitmq.new_vhost()}\n")
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[str(file)])
    transport = rpc.create_transport(conf)
    client = rpc.Client(transport, "1.0", casts=1)
    context = RequestContext()
    for host in ("nowhere-1", "nowhere-2", "nowhere-3"):
        frames.clear()
        with (
            client.reserve() as reservation,
            pytest.raises(exception.ComputeHostUnreachable),
        ):
            client.cast(context, host, "pause_instance", reservation)
        assert frames[-2:] == [spec.Basic.Return, spec.Basic.Ack]
    assert not client.is_refusing
    client.close()
    transport.cleanup()

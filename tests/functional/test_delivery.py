# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cast is delivered, or the request fails and changes nothing."""

import contextlib
import json
import sqlite3
import time

from tests.cluster import Cluster
from tests.functional import raw
from tests.real_servers import RabbitMQ, wait_until


def test_no_broker(own_cluster: Cluster, rabbitmq: RabbitMQ) -> None:
    """503 within 5 s, states unchanged, the record says Error and has no event."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    before = cluster.show(server_id)

    rabbitmq.stop()
    try:
        began = time.monotonic()
        answer = cluster.act(server_id, "pause")
        took = time.monotonic() - began
    finally:
        rabbitmq.start()

    assert answer.status_code == 503
    assert answer.json()["serviceUnavailable"]["code"] == 503
    assert took < 5
    after = cluster.show(server_id)
    for key in ("status", "OS-EXT-STS:task_state", "OS-EXT-STS:power_state"):
        assert after[key] == before[key]
    record = cluster.record(server_id, answer.headers["x-openstack-request-id"])
    assert record["message"] == "Error"
    assert record["events"] == []

    def accepted() -> bool:
        return cluster.act(server_id, "pause").status_code in {202, 409}

    wait_until(accepted, 20, "a pause is accepted again")
    cluster.wait_for(server_id, "PAUSED", timeout=30)


def test_a_host_that_lost_its_queue(own_cluster: Cluster, rabbitmq: RabbitMQ) -> None:
    cluster = own_cluster
    cluster.start_host("host-9")
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host("host-9")
    rabbitmq.ctl("delete_queue", "--vhost", cluster.vhost, "compute.host-9")

    answer = cluster.act(server_id, "pause")

    assert answer.status_code == 503
    server = cluster.show(server_id)
    assert server["OS-EXT-STS:task_state"] is None
    assert cluster.ask("DELETE", f"/servers/{server_id}").status_code == 503
    assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None


def test_a_create_that_cannot_be_delivered_leaves_no_server(
    own_cluster: Cluster, rabbitmq: RabbitMQ
) -> None:
    cluster = own_cluster
    cluster.start_host("host-8", service_down_time="60")
    cluster.start_api(service_down_time="60")
    cluster.stop_host("host-8")
    rabbitmq.ctl("delete_queue", "--vhost", cluster.vhost, "compute.host-8")

    server = {"name": "x", "imageRef": _TICK, "flavorRef": "42"}
    answer = cluster.ask("POST", "/servers", {"server": server})

    assert answer.status_code == 503
    assert cluster.ask("GET", "/servers").json() == {"servers": []}


def test_a_message_waits_for_its_host(own_cluster: Cluster) -> None:
    """The host is away, so the message is kept and settled when the host is back."""
    cluster = own_cluster
    cluster.start_host("host-7")
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host("host-7")

    answer = cluster.ask("DELETE", f"/servers/{server_id}")

    assert answer.status_code == 204
    assert cluster.show(server_id)["OS-EXT-STS:task_state"] == "deleting"
    cluster.start_host("host-7")
    wait_until(
        lambda: cluster.ask("GET", f"/servers/{server_id}").status_code == 404,
        10,
        "the server is gone",
    )
    log = cluster.log_of("host-7").read_text()
    request_id = answer.headers["x-openstack-request-id"]
    assert (
        "Instance in transitional state (deleting) at start-up and power state is"
        in log
    )
    wait_until(
        lambda: (
            f"{request_id} demo demo] [instance: {server_id}] Too late to delete"
            in cluster.log_of("host-7").read_text()
        ),
        10,
        "the message itself is dropped with a line",
    )


def test_a_host_that_is_down_is_shown_and_gets_no_server(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host("host-6")
    cluster.start_api()

    assert cluster.hosts() == {"host-6": "up"}
    cluster.stop_host("host-6")
    wait_until(lambda: cluster.hosts()["host-6"] == "down", 15, "host-6 is down")

    server = {"name": "x", "imageRef": _TICK, "flavorRef": "42"}
    answer = cluster.ask("POST", "/servers", {"server": server})

    assert answer.status_code == 202
    shown = cluster.show(answer.json()["server"]["id"])
    assert shown["status"] == "ERROR"
    assert shown["fault"]["message"] == "No valid host was found."
    request_id = answer.headers["x-openstack-request-id"]
    (event,) = cluster.record(shown["id"], request_id)["events"]
    assert event["event"] == "conductor_schedule_and_build_instances"
    assert event["result"] == "Error"
    assert event["traceback"].endswith("NoValidHost: No valid host was found.\n")
    refused = cluster.act(shown["id"], "pause")
    assert refused.status_code == 409
    assert refused.json()["conflictingRequest"]["message"] == (
        f"Cannot 'pause' instance {shown['id']} while it is in vm_state error"
    )
    assert cluster.ask("DELETE", f"/servers/{shown['id']}").status_code == 204
    assert cluster.ask("GET", f"/servers/{shown['id']}").status_code == 404


def test_a_message_holds_names_and_uuids_but_no_token(
    own_cluster: Cluster,
) -> None:
    """Read from the queue, as in RabbitMQ's management page."""
    cluster = own_cluster
    cluster.start_host("host-3")
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host("host-3")

    answer = cluster.ask("DELETE", f"/servers/{server_id}", token="demo:demo")

    assert answer.status_code == 204
    with raw.channel(cluster) as channel:
        message = channel.basic_get("compute.host-3", no_ack=True)
    body = json.loads(json.loads(message.body)["oslo.message"])
    assert body["method"] == "terminate_instance"
    assert body["args"] == {"instance_uuid": server_id}
    assert body["_context_request_id"] == answer.headers["x-openstack-request-id"]
    assert (body["_context_user_name"], body["_context_project_name"]) == ("demo",) * 2
    assert not any("token" in key for key in body)
    assert body["_context_message_id"] in cluster.api_log()
    assert message.delivery_info["exchange"] == "minova"
    assert message.delivery_info["routing_key"] == "compute.host-3"


_TICK = "8cc68639-c302-441d-9aab-b493b94f7f6e"


def test_a_host_starts_without_its_hypervisor(own_cluster: Cluster) -> None:
    """n-cpu consumes, but counts as down until the hypervisor answers."""
    cluster = own_cluster
    cluster.libvirt_uri = "qemu+unix:///system?socket=/nowhere"
    cluster.start_host("host-5")
    cluster.start_api()

    assert cluster.hosts() == {}
    cluster.stop_host("host-5")
    cluster.libvirt_uri = "test:///default"
    cluster.start_host("host-5")
    cluster.create_server()


def test_a_locked_database_is_a_503(own_cluster: Cluster) -> None:
    cluster = own_cluster
    cluster.start_host("host-4")
    cluster.start_api()
    server_id = cluster.create_server()
    path = cluster.connection.removeprefix("sqlite:///")

    with contextlib.closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = cluster.act(server_id, "pause")
        holder.rollback()

    assert answer.status_code == 503
    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")

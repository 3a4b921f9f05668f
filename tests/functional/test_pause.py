# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The path of a pause: HTTP, RabbitMQ, n-cpu, libvirt, and the row."""

import re
from concurrent import futures

from tests.cluster import Cluster
from tests.real_servers import wait_until


def test_a_pause_and_an_unpause(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    paused = cluster.act(server_id, "pause")

    assert (paused.status_code, paused.content) == (202, b"")
    cluster.wait_for(server_id, "PAUSED")
    server = cluster.show(server_id)
    assert server["OS-EXT-STS:vm_state"] == "paused"
    assert server["OS-EXT-STS:power_state"] == 3
    record = cluster.record(server_id, paused.headers["x-openstack-request-id"])
    assert record["action"] == "pause"
    assert record["message"] is None
    (event,) = record["events"]
    assert event["event"] == "compute_pause_instance"
    assert event["result"] == "Success"

    unpaused = cluster.act(server_id, "unpause")

    assert unpaused.status_code == 202
    cluster.wait_for(server_id, "ACTIVE")
    assert cluster.show(server_id)["OS-EXT-STS:power_state"] == 1


def test_one_of_twenty_racing_requests_is_accepted(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    with futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: cluster.act(server_id, "pause"), range(20)))

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [202] + [409] * 19
    assert all(
        "Cannot 'pause' instance" in answer.json()["conflictingRequest"]["message"]
        or "is in an invalid state" in answer.json()["conflictingRequest"]["message"]
        for answer in answers
        if answer.status_code == 409
    )
    cluster.wait_for(server_id, "PAUSED")
    actions = cluster.ask(
        "GET", f"/servers/{server_id}/os-instance-actions", token="admin"
    ).json()["instanceActions"]
    pauses = [action for action in actions if action["action"] == "pause"]
    assert len(pauses) == 1
    assert len(cluster.record(server_id, pauses[0]["request_id"])["events"]) == 1


def test_twenty_creates_at_once_and_room_for_seven(own_cluster: Cluster) -> None:
    """No accepted server is without a host, unless it is in ERROR and says so."""
    cluster = own_cluster
    room = 7
    # libvirt's test host has 3072 MiB. 512 are reserved, and an m1.nano takes 128.
    cluster.room = (room * 128 + 64) / (3072 - 512)
    cluster.start_host()
    cluster.start_api()

    def create(number: int) -> str:
        server = {"name": f"s{number}", "imageRef": _TICK, "flavorRef": "42"}
        answer = cluster.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202
        server_id: str = answer.json()["server"]["id"]
        return server_id

    with futures.ThreadPoolExecutor(20) as pool:
        servers = list(pool.map(create, range(20)))

    def settled() -> bool:
        return all(cluster.show(server)["status"] != "BUILD" for server in servers)

    wait_until(settled, 30, "no server is BUILD")
    shown = [cluster.show(server) for server in servers]
    active = [server for server in shown if server["status"] == "ACTIVE"]
    failed = [server for server in shown if server["status"] == "ERROR"]
    assert len(active) == room
    assert len(failed) == 20 - room
    assert {server["fault"]["message"] for server in failed} == {
        "No valid host was found."
    }
    assert {server["OS-EXT-SRV-ATTR:host"] for server in active} == {"host-1"}
    assert {server["OS-EXT-SRV-ATTR:host"] for server in failed} == {None}

    for server in shown:
        assert cluster.ask("DELETE", f"/servers/{server['id']}").status_code == 204
    wait_until(
        lambda: cluster.ask("GET", "/servers").json() == {"servers": []}, 20, "all gone"
    )
    cluster.create_server()


def test_both_logs_show_the_pause_under_one_request_id(cluster: Cluster) -> None:
    server_id = cluster.create_server()
    request_id = cluster.act(server_id, "pause").headers["x-openstack-request-id"]
    cluster.wait_for(server_id, "PAUSED")

    where = rf"\[None {request_id} demo demo\]"
    server = rf"\[instance: {server_id}\]"
    begins = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    suffix = r" \{\{\(pid=\d+\) \w+ /.*\.py:\d+\}\}$"
    api = [line for line in cluster.api_log().splitlines() if request_id in line]
    expected = [
        rf"{begins} DEBUG minova\.api\.openstack\.wsgi {where} Action: 'action', "
        rf'calling method: <bound method .*>, body: \{{"pause": null\}}{suffix}',
        rf"{begins} DEBUG minova\.compute\.api {where} {server} "
        rf"Fetching instance by UUID{suffix}",
        rf"{begins} DEBUG minova\.compute\.api {where} {server} Claimed for pause: "
        rf"vm_state active, task_state None -> pausing{suffix}",
        rf"{begins} DEBUG minova\.rpc {where} CAST pause_instance exchange 'minova' "
        rf"routing key 'compute\.host-1' message id [0-9a-f]{{32}}{suffix}",
        rf"{begins} INFO minova\.api\.openstack\.requestlog {where} 127\.0\.0\.1 "
        rf'"POST /v2\.1/servers/{server_id}/action" status: 202 len: 0 '
        r"microversion: 2\.1 time: \d\.\d{6}$",
    ]
    assert len(api) == len(expected)
    for line, pattern in zip(api, expected, strict=True):
        assert re.match(pattern, line), line

    def host_lines() -> list[str]:
        text = cluster.log_of("host-1").read_text()
        return [line for line in text.splitlines() if server_id in line]

    wait_until(
        lambda: any('lifecycle event "Paused"' in line for line in host_lines()),
        5,
        "the event is handled",
    )
    mine = [line for line in host_lines() if request_id in line]
    for line, pattern in zip(
        mine,
        [
            rf"{begins} INFO minova\.compute\.manager {where} {server} Pausing$",
            rf"{begins} DEBUG minova\.compute\.manager {where} {server} "
            rf"Checking state{suffix}",
        ],
        strict=True,
    ):
        assert re.match(pattern, line), line
    events = "\n".join(line for line in host_lines() if request_id not in line)
    for pattern in (
        rf"DEBUG minova\.virt\.driver \[None req-\S+ None None\] Emitting event "
        rf"<LifecycleEvent: \d+\.\d+, {server_id} => Paused>",
        rf"INFO minova\.compute\.manager \[None req-\S+ None None\] {server} "
        r"VM Paused \(Lifecycle Event\)\n",
        r"Synchronizing instance power state after lifecycle event \"Paused\"; current "
        r"vm_state: \w+, current task_state: \w+, current DB power_state: \d, "
        r"VM power_state: 3",
    ):
        assert re.search(pattern, events), pattern


_TICK = "8cc68639-c302-441d-9aab-b493b94f7f6e"

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""For each foreign message in the queue, the host logs one line and goes on."""

import bz2
import json
import pathlib
import pickle
import re
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.functional import raw
from tests.real_servers import RabbitMQ, wait_until

_UUID = str(uuid.uuid4())
_SQL = "1'; DROP TABLE instances; --"
_HERE = {"instance_uuid": _UUID}

STRANGE = {
    "no json": b"not json",
    "no bytes of utf-8": b"\xff\xfe",
    "nothing": b"",
    "a number in the envelope": b'{"oslo.message": 7}',
    "a list in the envelope": b'{"oslo.message": "[1, 2]"}',
    "another version of the envelope": b'{"oslo.version": "9.0", "oslo.message": "{}"}',
    "a long version": json.dumps(
        {"oslo.version": "9" * 9999, "oslo.message": ""}
    ).encode(),
    "no envelope": b'{"method": "pause_instance"}',
    "a list": b"[]",
    "a string": b'"pause_instance"',
    "no method": raw.message(None, _HERE),
    "a method that is a list": raw.message(["pause_instance"], _HERE),
    "no arguments": raw.message("pause_instance", None),
    "arguments in a list": raw.message("pause_instance", [_UUID]),
    "too few arguments": raw.message("pause_instance", {}),
    "too many arguments": raw.message("pause_instance", _HERE | {"force": True}),
    "a number for a uuid": raw.message("pause_instance", {"instance_uuid": 7}),
    "a list for a uuid": raw.message("pause_instance", {"instance_uuid": [_UUID]}),
    "SQL for a uuid": raw.message("pause_instance", {"instance_uuid": _SQL}),
    "lines for a uuid": raw.message("pause_instance", {"instance_uuid": "\nERROR x"}),
    "a wrong tail": raw.message("get_console_output", _HERE | {"tail": "all"}),
    "an unknown method": raw.message("reboot_instance", _HERE, _timeout=2),
    "a method that is not exposed": raw.message("power_off", _HERE),
    "a method of every object": raw.message("__init__", {}),
    "another namespace": raw.message("pause_instance", _HERE, namespace="baseapi"),
    "a newer version": raw.message("pause_instance", _HERE, version="1.99"),
    "another major version": raw.message("pause_instance", _HERE, version="2.0"),
    "a version that is none": raw.message("pause_instance", _HERE, version="one"),
    "a version that is a list": raw.message("pause_instance", _HERE, version=[1]),
    "no request id": raw.message("pause_instance", _HERE, _context_request_id=None),
    "a number for a request": raw.message("pause_instance", _HERE, _context_user_id=7),
    "a long user": raw.message("pause_instance", _HERE, _context_user_id="x" * 9999),
    "roles that are no list": raw.message("pause_instance", _HERE, _context_roles=7),
    "a context of its own": raw.message("pause_instance", _HERE, _context_self="x"),
    "an answer to nowhere": raw.message(
        "no_such_method", _HERE, _msg_id="x", _reply_q="nowhere"
    ),
    "an answer to a list": raw.message("x", _HERE, _msg_id=["x"], _reply_q=["y"]),
    "huge": raw.message("pause_instance", {"instance_uuid": "x" * 50_000_000}),
    "huge and no json": b"{" * 10_000_000,
}


def _lines(cluster: Cluster, text: str) -> list[str]:
    log = cluster.log_of("host-1").read_text()
    return [line for line in log.splitlines() if text in line]


def test_each_is_rejected_with_a_line_and_the_host_goes_on(
    own_cluster: Cluster, rabbitmq: RabbitMQ
) -> None:
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    wrong = []

    for what, body in STRANGE.items():
        before = len(_lines(cluster, "Rejected a message"))
        raw.publish(cluster, body)

        def said(before: int = before) -> bool:
            return len(_lines(cluster, "Rejected a message")) > before

        try:
            wait_until(said, 30, what)
        except TimeoutError as error:
            wrong.append(str(error))
    assert not wrong
    rejected = _lines(cluster, "Rejected a message")
    assert len(rejected) == len(STRANGE)
    assert all(" WARNING " in line and len(line) < 600 for line in rejected)
    log = cluster.log_of("host-1").read_text()
    assert "Traceback" not in log
    assert not re.search("^ERROR x", log, re.MULTILINE)
    assert "Traceback" not in (cluster.folder / "host-1.out").read_text()

    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")

    def queued() -> str:
        return rabbitmq.ctl("list_queues", "--vhost", cluster.vhost, "name", "messages")

    # No message is redelivered. The host's messages to itself come and go.
    wait_until(lambda: "compute.host-1\t0" in queued(), 10, "the queue is empty")


@pytest.mark.parametrize(
    ("content_type", "properties"),
    [
        ("application/x-python-serialize", {}),
        ("application/json", {"application_headers": {"compression": "zlib"}}),
        ("text/html", {}),
    ],
)
def test_only_json_is_read(
    cluster: Cluster, content_type: str, properties: dict[str, Any]
) -> None:
    before = len(_lines(cluster, "Rejected a message"))
    body = pickle.dumps({"oslo.version": "2.0", "oslo.message": "{}"})
    raw.publish(cluster, body, content_type=content_type, **properties)
    wait_until(
        lambda: len(_lines(cluster, "Rejected a message")) == before + 1, 20, "a line"
    )
    assert "Traceback" not in cluster.log_of("host-1").read_text()


_LARGE = 400_000_000


def _peak(pids: list[int]) -> int:
    """Return the highest memory use of any of the processes, in bytes."""
    status = [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return max(int(re.findall(r"VmHWM:\s+(\d+) kB", text)[0]) for text in status) << 10


def _bombs() -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Small messages that expand to large ones, and the header that says how."""
    gzip = zlib.compress(bytes(_LARGE))
    json_type = {"content_type": "application/json"}
    yield gzip, json_type | {"application_headers": {"compression": "gzip"}}
    yield gzip, {"content_type": "x/y", "content_encoding": "zip"}
    body = bz2.compress(bytes(_LARGE))
    yield body, json_type | {"application_headers": {"compression": "bzip2"}}


def test_compressed_messages_are_not_expanded(
    cluster: Cluster, rabbitmq: RabbitMQ
) -> None:
    """Neither n-cpu nor n-api, which reads answers, decompresses them."""
    server_id = cluster.create_server()
    console: dict[str, Any] = {"os-getConsoleOutput": {}}
    cluster.ask("POST", f"/servers/{server_id}/action", console)
    listed = rabbitmq.ctl("list_queues", "--vhost", cluster.vhost, "name")
    answers = re.findall("^reply_.*", listed, re.MULTILINE)
    assert answers
    said_before = len(_rejected(cluster))
    bombs = list(_bombs())

    for queue in ("compute.host-1", *answers):
        for body, properties in bombs:
            raw.put_on(cluster, queue, body, **properties)

    expected = said_before + len(bombs) * (1 + len(answers))
    wait_until(lambda: len(_rejected(cluster)) == expected, 30, "a line for each")
    assert _peak(cluster.host_processes() + cluster.api_processes()) < _LARGE
    assert "Traceback" not in cluster.log_of("host-1").read_text() + cluster.api_log()


def _rejected(cluster: Cluster) -> list[str]:
    """Return what a daemon logs about it."""
    said = cluster.log_of("host-1").read_text() + cluster.api_log()
    return re.findall(".* WARNING .*Rejected a message.*", said)


def test_a_repeated_message_acts_once(own_cluster: Cluster) -> None:
    """With the same id, as when RabbitMQ redelivers or a sender retries."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()
    with raw.channel(cluster) as channel:
        # A separate queue gets a copy of each message.
        copies = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(copies, "minova", "compute.host-1")
        answer = cluster.act(server_id, "pause")
        cluster.wait_for(server_id, "PAUSED")
        taken = _find(channel, copies, "pause_instance")
    retried = taken | {"_unique_id": uuid.uuid4().hex}

    for inner in (taken, retried):
        raw.publish(cluster, _envelope(inner))

    wait_until(lambda: bool(_lines(cluster, "delivered twice")), 10, "a line for one")
    wait_until(lambda: bool(_lines(cluster, "Too late to pause")), 10, "and the other")
    assert len(_lines(cluster, "] Pausing")) == 1
    request_id = answer.headers["x-openstack-request-id"]
    events = cluster.record(server_id, request_id)["events"]
    assert [event["result"] for event in events] == ["Success"]
    assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None
    assert "Traceback" not in cluster.log_of("host-1").read_text()


def _find(channel: Any, queue: str, method: str) -> dict[str, object]:
    """Return the first message of a queue that calls a method."""
    while True:
        body = channel.basic_get(queue, no_ack=True).body
        inner: dict[str, object] = json.loads(json.loads(body)["oslo.message"])
        if inner["method"] == method:
            return inner


def _envelope(inner: dict[str, object]) -> bytes:
    outer = {"oslo.version": "2.0", "oslo.message": json.dumps(inner)}
    return json.dumps(outer).encode()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Passwords in URLs are not shown when an action fails.

The password of a rescue or rebuild is told only to the host, which needs it.
"""

import sqlite3
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.functional import left_by_a_host, raw
from tests.real_servers import free_port, wait_until
from tests.tick_image import TICK

_SECRET = "s3cret-of-the-url"
_GLANCE = f"http://nova:{_SECRET}@127.0.0.1:{{port}}/image"
_NEW = {"server": {"name": "x", "imageRef": TICK, "flavorRef": "42"}}


def _all_that_is_told(cluster: Cluster, server_id: str) -> str:
    """Return server and record at each version that changes them, as user and admin."""
    actions = f"/servers/{server_id}/os-instance-actions"
    listed = cluster.ask("GET", actions).json()["instanceActions"]
    paths = [f"/servers/{server_id}", actions]
    paths += [f"{actions}/{action['request_id']}" for action in listed]
    return "\n".join(
        cluster.ask("GET", path, token=token, version=version).text
        for path in paths
        for token in ("demo:demo", "admin")
        for version in ("2.1", "2.51", "2.84")
    )


def _logs(cluster: Cluster) -> str:
    files = [*cluster.folder.rglob("*.log"), *cluster.folder.rglob("*.out")]
    assert len(files) >= 4
    return "\n".join(file.read_text() for file in files)


def _failed(cluster: Cluster) -> tuple[str, dict[str, Any]]:
    """Build a server, which fails. Return its id and its fault."""
    answer = cluster.ask("POST", "/servers", _NEW)
    assert answer.status_code == 202, answer.text
    server_id: str = answer.json()["server"]["id"]
    cluster.wait_for(server_id, "ERROR")
    fault: dict[str, Any] = cluster.show(server_id)["fault"]
    return server_id, fault


def test_a_glance_that_is_away(own_cluster: Cluster) -> None:
    """A Glance that is away fails a build on the host, and makes n-api refuse one."""
    cluster, port = own_cluster, free_port()
    cluster.extra = f"[glance]\nendpoint = {_GLANCE.format(port=port)}\ntimeout = 2\n"
    cluster.start_host()
    with_glance, cluster.extra = cluster.extra, ""
    cluster.start_api()

    server_id, fault = _failed(cluster)

    assert fault["message"].startswith(
        f"Build of instance {server_id} aborted: Connection to glance host "
        f"127.0.0.1:{port} failed: "
    )
    told = _all_that_is_told(cluster, server_id)
    assert "Traceback" in told

    cluster.stop_api()
    cluster.extra = with_glance
    cluster.start_api()
    refused = cluster.ask("POST", "/servers", _NEW)
    assert refused.status_code == 503
    assert f"glance host 127.0.0.1:{port} failed" in refused.text
    assert _SECRET not in told + refused.text + _logs(cluster)


def test_a_database_that_refuses_a_statement(own_cluster: Cluster) -> None:
    """The error is recorded, but without the statement and the URL's password."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    with sqlite3.connect(cluster.folder / "minova.sqlite") as connection:
        connection.execute(
            "CREATE TRIGGER broken BEFORE UPDATE OF network_info ON instances BEGIN "
            f"SELECT RAISE(ABORT, 'denied to mysql+pymysql://minova:{_SECRET}@h/x'); "
            "END"
        )

    server_id, fault = _failed(cluster)

    assert fault["message"].startswith("DB")
    told = _all_that_is_told(cluster, server_id)
    assert "denied to mysql+pymysql://***@h/x" in told
    for hidden in ("[SQL", "UPDATE instances", "parameters hidden", "Background on"):
        assert hidden not in told
    wait_until(lambda: "UPDATE instances" in _logs(cluster), 5, "the log has it whole")
    assert _SECRET not in told + _logs(cluster)


_OF_GUEST = "s3cret-of-the-guest"
_GIVE_ONE = {
    "rescue": {"adminPass": _OF_GUEST},
    "rebuild": {"adminPass": _OF_GUEST, "imageRef": TICK},
}
"""Actions that give an existing guest a password."""


def _give(cluster: Cluster, server_id: str, action: str) -> str:
    """Have an action accepted while its host is away. Return the request id."""
    body = {action: _GIVE_ONE[action]}
    answer = cluster.ask("POST", f"/servers/{server_id}/action", body)
    told = answer.json()
    assert told.get("server", told)["adminPass"] == _OF_GUEST
    request_id: str = answer.headers["x-openstack-request-id"]
    return request_id


def _take_messages(cluster: Cluster) -> list[str]:
    """Take all messages out of the host's queue. They are lost, heartbeats included."""
    taken = []
    with raw.channel(cluster) as channel:
        while (message := channel.basic_get("compute.host-1", no_ack=True)) is not None:
            taken.append(str(message.body))
    return taken


def _rows(cluster: Cluster) -> str:
    with sqlite3.connect(cluster.connection.removeprefix("sqlite:///")) as connection:
        return "\n".join(connection.iterdump())


@pytest.mark.parametrize(
    ("action", "status", "drive"),
    [("rescue", "RESCUE", "disk.config.rescue"), ("rebuild", "ACTIVE", "disk.config")],
)
def test_a_password_is_told_only_to_its_user_and_guest(
    qemu_cluster: Cluster, action: str, status: str, drive: str
) -> None:
    """Also by a host that settles an action that another process had started."""
    cluster = qemu_cluster
    cluster.start_host(shutdown_timeout="0")
    cluster.start_api()
    server_id = cluster.create_server(config_drive=True)
    cluster.stop_host()

    request_id = _give(cluster, server_id, action)
    messages = "\n".join(_take_messages(cluster))
    left_by_a_host.begin(cluster, server_id, request_id, action)
    assert _OF_GUEST in _rows(cluster)
    cluster.start_host(shutdown_timeout="0")
    cluster.wait_for(server_id, status)

    path = cluster.folder / "instances" / server_id / drive
    assert _OF_GUEST.encode() in path.read_bytes()
    assert f"{action}_instance" in messages
    told = _all_that_is_told(cluster, server_id)
    assert _OF_GUEST not in messages + told + _logs(cluster) + _rows(cluster)


def test_the_password_of_a_rescue_that_fails_is_in_no_fault(
    qemu_cluster: Cluster,
) -> None:
    cluster = qemu_cluster
    cluster.start_host(shutdown_timeout="0")
    cluster.start_api()
    server_id = cluster.create_server()
    cluster.stop_host()
    request_id = _give(cluster, server_id, "rescue")
    image = cluster.folder / "images" / "minova-tick" / "image.json"
    image.rename(image.with_suffix(".away"))

    cluster.start_host(shutdown_timeout="0")
    cluster.wait_for(server_id, "ACTIVE")

    record = cluster.record(server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Error"]
    told = _all_that_is_told(cluster, server_id)
    assert "Traceback" in told
    assert _OF_GUEST not in told + _logs(cluster) + _rows(cluster)

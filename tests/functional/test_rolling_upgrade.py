# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A live upgrade of database, hosts and n-api, and what another order causes.

The former daemons are real ones of an earlier revision. Guests are QEMU's, because
these outlive the daemons.
"""

import pathlib
from functools import partial
from typing import Any

import pytest
import requests

from tests.cluster import Cluster
from tests.functional import former_revision, left_by_a_host
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until
from tests.tick_image import TICK

_DELETED = "DELETED"
_LEFT = {
    "pause": "PAUSED",
    "unpause": "ACTIVE",
    "create": "ACTIVE",
    "stop": "SHUTOFF",
    "delete": _DELETED,
}
"""Tasks that former daemons claim servers for, with their results."""
_BROUGHT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"suspend": None}, "SUSPENDED"),
    ({"resume": None}, "ACTIVE"),
    ({"rescue": None}, "RESCUE"),
    ({"unrescue": None}, "ACTIVE"),
    ({"rebuild": {"imageRef": TICK}}, "ACTIVE"),
    ({"os-stop": None}, "SHUTOFF"),
    ({"os-start": None}, "ACTIVE"),
    ({"reboot": {"type": "HARD"}}, "ACTIVE"),
)
"""Actions that this revision adds, with the states they lead to."""


@pytest.fixture
def former(tmp_path: pathlib.Path) -> dict[str, str]:
    """The environment of a former daemon."""
    return former_revision.unpack(tmp_path)


@pytest.fixture
def upgrading(qemu_cluster: Cluster, former: dict[str, str]) -> Cluster:
    """Former daemons on former tables."""
    cluster = qemu_cluster
    cluster.connection = f"sqlite:///{cluster.folder}/former.sqlite"
    cluster.environment = former
    cluster.migrate()
    cluster.start_host()
    cluster.start_api()
    return cluster


def test_the_documented_order_loses_nothing(
    upgrading: Cluster, libvirt: PrivateLibvirt
) -> None:
    """The new host finishes requests accepted or started before the upgrade."""
    cluster = upgrading
    waiting = {action: _prepared(cluster, action) for action in _LEFT}
    begun = {action: _prepared(cluster, action) for action in _LEFT}
    del waiting["stop"]  # no user could ask for it

    cluster.environment = {}
    cluster.migrate()
    _see_that_the_former_n_api_is_heard(cluster)

    cluster.stop_host()
    asked = [
        (action, *_ask_for(cluster, action, server_id))
        for action, server_id in [*waiting.items(), *begun.items()]
    ]
    for action, server_id, request_id in asked[len(waiting) :]:
        if action != "stop":
            left_by_a_host.begin(cluster, server_id, request_id, action)
    cluster.start_host(shutdown_timeout="1")
    for action, server_id, request_id in asked:
        _see_it_done(cluster, action, server_id, request_id)
    _see_that_the_former_n_api_is_heard(cluster)

    cluster.stop_api()
    cluster.start_api()
    server_id = str(waiting["unpause"])
    for body, status in _BROUGHT:
        _act(cluster, server_id, body, status)
    assert libvirt.state(server_id) == "running"
    assert cluster.ask("GET", "/servers/detail").status_code == 200


def test_a_newer_n_api_does_not_send_what_an_old_host_would_not_understand(
    upgrading: Cluster,
) -> None:
    cluster = upgrading
    former, cluster.environment = cluster.environment, {}
    cluster.migrate()
    cluster.stop_api()
    cluster.start_api()
    server_id = cluster.create_server()
    _act(cluster, server_id, {"pause": None}, "PAUSED")
    _act(cluster, server_id, {"unpause": None}, "ACTIVE")
    before = cluster.show(server_id), _records(cluster, server_id)

    for body, leads_to in _BROUGHT:
        if leads_to != "ACTIVE":
            refused = _post(cluster, server_id, body)
            assert refused.status_code == 409, refused.text
            assert "until the nova-compute service of its host" in refused.text
            assert "host-1" not in refused.text
    assert (cluster.show(server_id), _records(cluster, server_id)) == before

    # It settles the newer n-api's claim, because it got no message for it.
    cluster.stop_host()
    paused = _post(cluster, server_id, {"pause": None})
    assert paused.status_code == 202
    cluster.environment = former
    cluster.start_host()
    request_id = paused.headers["x-openstack-request-id"]
    _see_it_done(cluster, "pause", server_id, request_id)
    log = cluster.log_of("host-1").read_text()
    assert "which nobody began on, performing it" in log


def test_a_former_n_api_does_not_show_states_of_a_newer_one(
    upgrading: Cluster,
) -> None:
    """New actions must wait until the last n-api is upgraded.

    The former n-api still shows its other servers.
    """
    cluster = upgrading
    former = cluster.environment
    suspended, other = cluster.create_server("suspended"), cluster.create_server()
    cluster.environment = {}
    cluster.migrate()
    cluster.stop_host()
    cluster.stop_api()
    cluster.start_host()
    cluster.start_api()
    _act(cluster, suspended, {"suspend": None}, "SUSPENDED")

    cluster.stop_api()
    cluster.environment = former
    cluster.start_api()

    assert cluster.ask("GET", "/servers/detail").status_code == 500
    assert cluster.ask("GET", f"/servers/{other}").status_code == 200
    # Nothing is lost: the newer n-api shows and resumes the server.
    cluster.stop_api()
    cluster.environment = {}
    cluster.start_api()
    _act(cluster, suspended, {"resume": None}, "ACTIVE")


def _prepared(cluster: Cluster, action: str) -> str | None:
    """Return a server that is ready for an action; None for a create."""
    if action == "create":
        return None
    server_id = cluster.create_server(action)
    if action == "unpause":
        _act(cluster, server_id, {"pause": None}, "PAUSED")
    return server_id


def _ask_for(cluster: Cluster, action: str, server_id: str | None) -> tuple[str, str]:
    """Return the server and the accepted request, which waits for a host."""
    if server_id is None:
        new = {"name": "new", "imageRef": TICK, "flavorRef": "42"}
        answer = cluster.ask("POST", "/servers", {"server": new})
        server_id = str(answer.json()["server"]["id"])
    elif action == "delete":
        answer = cluster.ask("DELETE", f"/servers/{server_id}")
    elif action == "stop":
        return server_id, left_by_a_host.begin_stop(cluster, server_id)
    else:
        answer = _post(cluster, server_id, {action: None})
    assert answer.status_code in {202, 204}, answer.text
    return server_id, answer.headers["x-openstack-request-id"]


def _see_it_done(
    cluster: Cluster, action: str, server_id: str, request_id: str
) -> None:
    if _LEFT[action] == _DELETED:
        wait_until(partial(_is_gone, cluster, server_id), 30, "it is deleted")
        return
    cluster.wait_for(server_id, _LEFT[action], timeout=30)
    record = cluster.record(server_id, request_id)
    assert record["action"] == action
    assert [event["result"] for event in record["events"]] == ["Success"], action


def _see_that_the_former_n_api_is_heard(cluster: Cluster) -> None:
    """Check all that the former n-api can ask of a host, and all that it shows."""
    server_id = cluster.create_server("asked by the former")
    assert _post(cluster, server_id, {"suspend": None}).status_code == 400
    _act(cluster, server_id, {"pause": None}, "PAUSED")
    _act(cluster, server_id, {"unpause": None}, "ACTIVE")
    output = _post(cluster, server_id, {"os-getConsoleOutput": {}})
    assert output.status_code == 200, output.text
    told = cluster.ask("GET", f"/servers/{server_id}/diagnostics", token="admin")
    assert told.status_code == 200, told.text
    for path in ("/servers/detail", f"/servers/{server_id}/os-instance-actions"):
        assert cluster.ask("GET", path).status_code == 200
    assert cluster.ask("GET", "/os-hypervisors", token="admin").status_code == 200
    _see_it_done(cluster, "delete", *_ask_for(cluster, "delete", server_id))


def _post(cluster: Cluster, server_id: str, body: dict[str, Any]) -> requests.Response:
    return cluster.ask("POST", f"/servers/{server_id}/action", body)


def _act(cluster: Cluster, server_id: str, body: dict[str, Any], status: str) -> None:
    answer = _post(cluster, server_id, body)
    assert answer.status_code in {200, 202}, answer.text
    cluster.wait_for(server_id, status)
    request_id = answer.headers["x-openstack-request-id"]
    record = cluster.record(server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Success"], body


def _records(cluster: Cluster, server_id: str) -> list[dict[str, Any]]:
    listed = cluster.ask("GET", f"/servers/{server_id}/os-instance-actions")
    records: list[dict[str, Any]] = listed.json()["instanceActions"]
    return records


def _is_gone(cluster: Cluster, server_id: str) -> bool:
    return cluster.ask("GET", f"/servers/{server_id}").status_code == 404

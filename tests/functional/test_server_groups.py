# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of server groups hold for any number of creates at once, on both databases."""

import functools
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.cluster import Cluster
from tests.real_servers import wait_until
from tests.tick_image import TICK

AT_ONCE = 8


@pytest.fixture
def three_hosts(cluster: Cluster) -> Iterator[Cluster]:
    others = ("host-2", "host-3")
    for host in others:
        cluster.start_host(host)
    yield cluster
    for host in others:
        for server in _servers_on(cluster, host):
            cluster.ask("DELETE", f"/servers/{server['id']}", token="admin")
        empty = functools.partial(_is_empty, cluster, host)
        wait_until(empty, 20, f"{host} is empty")
        cluster.stop_host(host)
        path = f"/os-services?host={host}"
        (service,) = cluster.ask("GET", path, token="admin").json()["services"]
        cluster.ask("DELETE", f"/os-services/{service['id']}", token="admin")


def _servers_on(cluster: Cluster, host: str) -> list[dict[str, Any]]:
    path = f"/servers?all_tenants=1&host={host}"
    listed = cluster.ask("GET", path, token="admin").json()
    servers: list[dict[str, Any]] = listed["servers"]
    return servers


def _is_empty(cluster: Cluster, host: str) -> bool:
    return not _servers_on(cluster, host)


def _group(cluster: Cluster, policy: str, **rules: int) -> str:
    group = {"name": policy, "policy": policy, "rules": rules}
    answer = cluster.ask(
        "POST", "/os-server-groups", {"server_group": group}, version="2.64"
    )
    assert answer.status_code == 200, answer.text
    group_id: str = answer.json()["server_group"]["id"]
    return group_id


def _create(cluster: Cluster, group_id: str, **more: Any) -> requests.Response:
    """Send a request on a new connection."""
    server = {"name": "one", "imageRef": TICK, "flavorRef": "42"} | more
    body = {"server": server, "os:scheduler_hints": {"group": group_id}}
    return requests.post(
        f"{cluster.url}/v2.1/servers",
        data=json.dumps(body),
        headers={"X-Auth-Token": "demo:demo", "Content-Type": "application/json"},
        timeout=60,
    )


def _members(cluster: Cluster, group_id: str) -> list[str]:
    path = f"/os-server-groups/{group_id}"
    group = cluster.ask("GET", path).json()["server_group"]
    members: list[str] = group["members"]
    return members


@pytest.mark.parametrize(
    ("policy", "rules", "on_hosts"),
    [
        ("anti-affinity", {}, [1, 1, 1]),
        ("anti-affinity", {"max_server_per_host": 2}, [2, 2, 2]),
        ("affinity", {}, [AT_ONCE]),
        ("soft-anti-affinity", {}, [3, 3, 2]),
    ],
)
def test_creates_at_once(
    three_hosts: Cluster, policy: str, rules: dict[str, int], on_hosts: list[int]
) -> None:
    """Servers without a free host are in ERROR, and still count as members."""
    cluster = three_hosts
    group_id = _group(cluster, policy, **rules)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: _create(cluster, group_id), range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {202}
    ids = [answer.json()["server"]["id"] for answer in answers]
    shown = [cluster.show(server_id) for server_id in ids]
    placed = Counter(server["OS-EXT-SRV-ATTR:host"] for server in shown)
    without = placed.pop(None, 0)
    assert sorted(placed.values(), reverse=True) == on_hosts
    assert without == AT_ONCE - sum(on_hosts)
    for server in shown:
        if server["OS-EXT-SRV-ATTR:host"] is None:
            assert server["status"] == "ERROR"
            assert server["fault"]["message"] == "No valid host was found."
        else:
            cluster.wait_for(server["id"], "ACTIVE")
    assert set(_members(cluster, group_id)) == set(ids)
    for server_id in ids:
        cluster.ask("DELETE", f"/servers/{server_id}")
    wait_until(lambda: not _members(cluster, group_id), 20, "all have left")


def test_several_servers_in_one_request(three_hosts: Cluster) -> None:
    cluster = three_hosts
    group_id = _group(cluster, "anti-affinity")

    assert _create(cluster, group_id, min_count=3).status_code == 202

    members = _members(cluster, group_id)
    for server_id in members:
        cluster.wait_for(server_id, "ACTIVE")
    hosts = {cluster.show(one)["OS-EXT-SRV-ATTR:host"] for one in members}
    assert hosts == {"host-1", "host-2", "host-3"}
    # When a member is deleted, its place is free again.
    (gone,) = (
        one for one in members if cluster.show(one)["OS-EXT-SRV-ATTR:host"] == "host-2"
    )
    cluster.ask("DELETE", f"/servers/{gone}")
    wait_until(lambda: gone not in _members(cluster, group_id), 20, "it has left")
    server_id = _create(cluster, group_id).json()["server"]["id"]
    assert cluster.show(server_id)["OS-EXT-SRV-ATTR:host"] == "host-2"


def test_the_quota_of_members_holds_for_many_at_once(three_hosts: Cluster) -> None:
    cluster = three_hosts
    group_id = _group(cluster, "soft-affinity")
    limits = {"quota_set": {"server_group_members": 3}}
    path = "/os-quota-sets/demo"
    assert cluster.ask("PUT", path, limits, token="admin").status_code == 200
    try:
        assert _create(cluster, group_id, min_count=4).status_code == 403
        assert _members(cluster, group_id) == []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(
                pool.map(lambda _: _create(cluster, group_id), range(AT_ONCE))
            )
    finally:
        cluster.ask("DELETE", path, token="admin")

    assert Counter(answer.status_code for answer in answers) == {202: 3, 403: 5}
    refused = next(answer for answer in answers if answer.status_code == 403)
    assert refused.json()["forbidden"]["message"] == (
        "Quota exceeded, too many servers in group"
    )
    assert len(_members(cluster, group_id)) == 3


def test_many_groups_at_once_stop_at_the_quota(cluster: Cluster) -> None:
    path = "/os-quota-sets/crowded"
    limits = {"quota_set": {"server_groups": 3}}
    assert cluster.ask("PUT", path, limits, token="admin").status_code == 200
    group = {"server_group": {"name": "one", "policies": ["affinity"]}}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(
            lambda _: requests.post(
                f"{cluster.url}/v2.1/os-server-groups",
                data=json.dumps(group),
                headers={"X-Auth-Token": "crowded", "Content-Type": "application/json"},
                timeout=60,
            ),
            range(AT_ONCE),
        )

    counted = Counter(answer.status_code for answer in answers)
    assert counted == {200: 3, 403: AT_ONCE - 3}

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas hold for any number of simultaneous requests, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.cluster import Cluster
from tests.real_servers import wait_until
from tests.tick_image import TICK


def _set(cluster: Cluster, project_id: str, **limits: int) -> None:
    path = f"/os-quota-sets/{project_id}"
    answer = cluster.ask("PUT", path, {"quota_set": limits}, token="admin")
    assert answer.status_code == 200, answer.text


def _post(cluster: Cluster, path: str, body: object, token: str) -> requests.Response:
    """Send a request on a new connection."""
    return requests.post(
        f"{cluster.url}/v2.1{path}",
        data=json.dumps(body),
        headers={"X-Auth-Token": token, "Content-Type": "application/json"},
        timeout=60,
    )


def test_many_creates_at_once_stop_at_the_quota(cluster: Cluster) -> None:
    _set(cluster, "crowd", instances=3)
    server = {"name": "one", "imageRef": TICK, "flavorRef": "42"}

    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(
                lambda _: _post(cluster, "/servers", {"server": server}, "crowd"),
                range(10),
            )
        )

    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [403] * 7
    refused = next(answer for answer in answers if answer.status_code == 403)
    assert refused.json()["forbidden"]["message"] == (
        "Quota exceeded for instances: Requested 1, but already used 3 of 3 instances"
    )
    listed = cluster.ask("GET", "/servers", token="crowd").json()["servers"]
    assert len(listed) == 3


def test_deleted_servers_do_not_count(cluster: Cluster) -> None:
    _set(cluster, "small", ram=128)
    server = {"name": "one", "imageRef": TICK, "flavorRef": "42"}
    first = _post(cluster, "/servers", {"server": server}, "small").json()["server"]
    cluster.wait_for(first["id"], "ACTIVE")
    assert _post(cluster, "/servers", {"server": server}, "small").status_code == 403

    cluster.ask("DELETE", f"/servers/{first['id']}", token="small")
    path = f"/servers/{first['id']}"
    wait_until(
        lambda: cluster.ask("GET", path, token="small").status_code == 404, 20, "gone"
    )

    assert _post(cluster, "/servers", {"server": server}, "small").status_code == 202


def test_many_keypairs_at_once_stop_at_the_quota(cluster: Cluster) -> None:
    _set(cluster, "keys", key_pairs=2)
    blob = "AAAAC3NzaC1lZDI1NTE5AAAAIBmmkcf4DTBIkBf7/tmBCPoR9OLIDSlnvUmvXqsjbbRp"

    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda number: _post(
                    cluster,
                    "/os-keypairs",
                    {
                        "keypair": {
                            "name": f"key {number}",
                            "public_key": f"ssh-ed25519 {blob}",
                        }
                    },
                    "keys",
                ),
                range(6),
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [403] * 4


def test_a_disabled_host_gets_no_server_and_a_deleted_one_returns(
    cluster: Cluster,
) -> None:
    cluster.start_host("host-2")
    try:
        service = _service(cluster, "host-2")
        cluster.ask(
            "PUT",
            "/os-services/disable",
            {"host": "host-2", "binary": "nova-compute"},
            token="admin",
        )
        for _ in range(3):
            shown = cluster.show(cluster.create_server())
            assert shown["OS-EXT-SRV-ATTR:host"] == "host-1"
    finally:
        cluster.stop_host("host-2")
    path = f"/os-services/{service['id']}"
    assert cluster.ask("DELETE", path, token="admin").status_code == 204
    assert cluster.ask("DELETE", path, token="admin").status_code == 404
    hypervisors = cluster.ask("GET", "/os-hypervisors", token="admin").json()
    names = [one["hypervisor_hostname"] for one in hypervisors["hypervisors"]]
    assert names == ["host-1"]

    cluster.start_host("host-2")
    try:
        again = _service(cluster, "host-2")
        assert (again["status"], again["state"]) == ("enabled", "up")
    finally:
        cluster.stop_host("host-2")
        cluster.ask("DELETE", f"/os-services/{again['id']}", token="admin")


def _service(cluster: Cluster, host: str) -> dict[str, str]:
    path = f"/os-services?host={host}"
    (service,) = cluster.ask("GET", path, token="admin").json()["services"]
    found: dict[str, str] = service
    return found

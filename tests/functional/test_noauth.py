# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Users and roles under noauth2, and protection from web pages."""

import pytest
import requests

from tests.cluster import Cluster
from tests.tick_image import TICK


@pytest.mark.parametrize("token", [None, "notused", "admin", "admin:admin"])
def test_no_token_is_the_admin(cluster: Cluster, token: str | None) -> None:
    headers = {} if token is None else {"X-Auth-Token": token}

    answer = requests.get(
        f"{cluster.url}/v2.1/os-services", headers=headers, timeout=30
    )

    assert answer.status_code == 200


def test_only_admins_see_the_services(cluster: Cluster) -> None:
    answer = cluster.ask("GET", "/os-services", token="demo")

    text = "Policy doesn't allow os_compute_api:os-services:list to be performed."
    assert answer.status_code == 403
    assert answer.json() == {"forbidden": {"code": 403, "message": text}}


def test_a_user_without_a_project_gets_its_own(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    assert cluster.ask("GET", f"/servers/{server_id}", token="demo").status_code == 200
    server = cluster.show(server_id)
    assert (server["tenant_id"], server["user_id"]) == ("demo", "demo")


def test_an_old_client_gets_a_token(cluster: Cluster) -> None:
    answer = requests.get(
        f"{cluster.url}/v2.1/servers",
        headers={"X-Auth-User": "bob", "X-Auth-Project-Id": "work"},
        timeout=30,
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Auth-Token"] == "bob:work"
    assert answer.headers["X-Server-Management-Url"] == (
        f"{cluster.url}/v2.1/servers/work"
    )


@pytest.mark.parametrize("token", [":", ":demo", "x" * 256, "a:" + "b" * 256])
def test_a_token_without_a_user(cluster: Cluster, token: str) -> None:
    answer = cluster.ask("GET", "/servers", token=token)

    assert answer.status_code == 401
    assert answer.json()["unauthorized"]["code"] == 401


def test_only_admins_list_all_projects(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    refused = cluster.ask("GET", "/servers?all_tenants=1")
    listed = cluster.ask("GET", "/servers?all_tenants=1", token="admin")
    filtered = cluster.ask(
        "GET", "/servers?all_tenants=1&project_id=nobody", token="admin"
    )

    assert refused.status_code == 403
    assert server_id in {server["id"] for server in listed.json()["servers"]}
    assert filtered.json() == {"servers": []}
    own = cluster.ask("GET", "/servers", token="admin").json()["servers"]
    assert server_id not in {server["id"] for server in own}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Host", "evil.example", 403),
        ("Host", "127.0.0.1.evil.example", 403),
        ("Host", "evil.example@127.0.0.1", 403),
        ("Host", "localhost:8774", 200),
        ("Host", "127.9.9.9", 200),
        ("Host", "[::1]:1", 200),
        ("Origin", "http://evil.example", 403),
        ("Origin", "null", 403),
        ("Origin", "http://127.0.0.1:8774", 403),
    ],
)
def test_a_web_page_is_kept_out(
    cluster: Cluster, name: str, value: str, code: int
) -> None:
    answer = requests.get(
        f"{cluster.url}/v2.1/servers", headers={name: value}, timeout=30
    )

    assert answer.status_code == code
    if code == 403:
        assert answer.json()["forbidden"]["code"] == 403


def test_a_web_page_cannot_boot_a_server(cluster: Cluster) -> None:
    """A page can send this without a preflight: text/plain from its own origin."""
    body = f'{{"server": {{"name": "x", "imageRef": "{TICK}", "flavorRef": "42"}}}}'
    before = cluster.ask("GET", "/servers?all_tenants=1", token="admin").json()

    answer = requests.post(
        f"{cluster.url}/v2.1/servers",
        data=body,
        headers={"Content-Type": "text/plain", "Origin": "http://evil.example"},
        timeout=30,
    )

    assert answer.status_code == 403
    after = cluster.ask("GET", "/servers?all_tenants=1", token="admin").json()
    assert after == before


def test_the_project_id_may_be_in_the_path(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    mine = cluster.ask("GET", f"/demo/servers/{server_id}").json()["server"]
    other = cluster.ask("GET", "/other/servers")

    assert mine["links"][0]["href"] == f"{cluster.url}/v2.1/demo/servers/{server_id}"
    assert mine["links"][1]["href"] == f"{cluster.url}/demo/servers/{server_id}"
    assert other.status_code == 400
    assert other.json()["badRequest"]["message"] == (
        "Malformed request URL: URL's project_id 'other' doesn't match Context's "
        "project_id 'demo'"
    )


@pytest.mark.parametrize("path", ["/healthcheck", "/healthcheck/"])
def test_the_healthcheck_needs_no_token(cluster: Cluster, path: str) -> None:
    answer = requests.get(f"{cluster.url}{path}", timeout=30)

    assert answer.status_code == 200
    foreign = {"Origin": "http://evil.example"}
    refused = requests.get(f"{cluster.url}{path}", headers=foreign, timeout=30)
    assert refused.status_code == 403


def test_an_allowed_origin_is_accepted(own_cluster: Cluster) -> None:
    own_cluster.extra = "[cors]\nallowed_origin = http://page.example\n"
    own_cluster.start_api()

    for path in ("/v2.1/servers", "/image/v2/images", "/minova/v1/schemas"):
        allowed, other = (
            requests.get(
                f"{own_cluster.url}{path}", headers={"Origin": origin}, timeout=30
            )
            for origin in ("http://page.example", "http://evil.example")
        )

        assert allowed.status_code == 200
        assert allowed.headers["Access-Control-Allow-Origin"] == "http://page.example"
        assert other.status_code == 403

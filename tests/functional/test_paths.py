# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Paths that show the versions, and paths without a route."""

import pytest
import requests

from tests.cluster import Cluster


@pytest.fixture(scope="module")
def server_id(cluster: Cluster) -> str:
    return cluster.create_server("paths")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/servers/{id}/action"),
        ("DELETE", "/servers/{id}/action"),
        ("GET", "/servers/{id}/action"),
        ("PATCH", "/servers/{id}"),
        ("DELETE", "/servers"),
        ("POST", "/servers/detail"),
        ("POST", "/flavors/42"),
        ("GET", "/nonsense"),
        ("GET", "/servers/"),
        ("PUT", "/flavors/"),
        ("GET", "/servers/{id}/nonsense"),
    ],
)
def test_paths_without_a_route(
    cluster: Cluster, server_id: str, method: str, path: str
) -> None:
    """WebOb's format, as Accept asks for it, and no version headers."""
    url = f"{cluster.url}/v2.1{path.format(id=server_id)}"
    headers = {"X-Auth-Token": "demo"}

    as_json = requests.request(
        method, url, headers=headers | {"Accept": "application/json"}, timeout=30
    )
    as_any = requests.request(
        method, url, headers=headers | {"Accept": "*/*"}, timeout=30
    )

    assert as_json.status_code == as_any.status_code == 404
    assert as_json.json() == {
        "message": "The resource could not be found.<br /><br />\n\n\n",
        "code": "404 Not Found",
        "title": "Not Found",
    }
    assert len(as_json.content) == 112
    assert as_any.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert len(as_any.content) == 154
    assert "OpenStack-API-Version" not in as_json.headers
    assert "x-compute-request-id" in as_json.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    ("path", "version"),
    [("/v2", "v2.0"), ("/v2/", "v2.0"), ("/v2.1", "v2.1"), ("/v2.1/", "v2.1")],
)
def test_a_version_is_shown_for_every_method(
    cluster: Cluster, method: str, path: str, version: str
) -> None:
    answer = requests.request(method, f"{cluster.url}{path}", timeout=30)

    assert answer.status_code == 200
    assert answer.json()["version"]["id"] == version
    assert ("OpenStack-API-Version" in answer.headers) == (version == "v2.1")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_path_outside_all_versions_gets_choices(
    cluster: Cluster, method: str
) -> None:
    """Recorded from Nova 34: 300, without a token and without version headers."""
    answer = requests.request(method, f"{cluster.url}/v3/servers", timeout=30)

    assert answer.status_code == 300
    assert answer.headers["Content-Type"] == "application/json"
    assert "OpenStack-API-Version" not in answer.headers
    media_type = "application/vnd.openstack.compute+json;version="
    assert answer.json() == {
        "choices": [
            {
                "id": name,
                "status": status,
                "links": [
                    {"rel": "self", "href": f"{cluster.url}/{path}/v3/servers"},
                ],
                "media-types": [
                    {"base": "application/json", "type": media_type + path[1:]}
                ],
            }
            for name, status, path in (
                ("v2.0", "DEPRECATED", "v2"),
                ("v2.1", "CURRENT", "v2.1"),
            )
        ]
    }


@pytest.mark.parametrize(
    "path", ["/v2.1//servers/{id}", "/v2.1///demo//servers/{id}", "/v2.1/servers//{id}"]
)
def test_an_endpoint_may_end_with_a_slash(
    cluster: Cluster, server_id: str, path: str
) -> None:
    url = f"{cluster.url}{path.format(id=server_id)}"

    answer = requests.get(url, headers={"X-Auth-Token": "demo"}, timeout=30)
    nobodys = requests.get(url, headers={"X-Auth-Token": "eve:eve"}, timeout=30)

    assert answer.status_code == 200, answer.text
    assert answer.json()["server"]["id"] == server_id
    assert nobodys.status_code in {400, 404}


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("abc", 400),
        ("LATEST", 400),
        ("2.1.1", 400),
        ("9.99", 406),
        ("1.0", 406),
        ("99999999999.1", 400),
    ],
)
def test_unsupported_versions(
    cluster: Cluster, server_id: str, version: str, code: int
) -> None:
    answer = requests.get(
        f"{cluster.url}/v2.1/servers/{server_id}",
        headers={"X-Auth-Token": "demo", "X-OpenStack-Nova-API-Version": version},
        timeout=30,
    )

    assert answer.status_code == code
    if code == 406:
        assert answer.headers["OpenStack-API-Version"] == f"compute {version}"
        assert answer.json()["computeFault"]["code"] == 406


def test_the_root_negotiates_nothing(cluster: Cluster) -> None:
    answer = requests.get(
        f"{cluster.url}/",
        headers={"OpenStack-API-Version": "compute 9.99"},
        timeout=30,
    )

    assert answer.status_code == 200
    assert "OpenStack-API-Version" not in answer.headers

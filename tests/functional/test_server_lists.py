# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""All pages of a list, for every sort key."""

from typing import Any
from urllib import parse

import pytest

from minova.api.servers.query_schema import SORT_KEYS
from tests.cluster import Cluster, poll

COUNT = 4


@pytest.fixture(scope="module")
def made(cluster: Cluster) -> list[str]:
    """Servers that are equal in nearly all sort keys."""
    return [cluster.create_server("page", token="reader:library") for _ in range(COUNT)]


@pytest.mark.parametrize("key", [*SORT_KEYS, "locked"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_server_is_on_exactly_one_page(
    cluster: Cluster, made: list[str], key: str, direction: str
) -> None:
    path = (
        "/servers/detail?all_tenants=1&project_id=library&limit=2"
        f"&sort_key={key}&sort_dir={direction}"
    )
    seen: list[str] = []
    for _ in range(COUNT + 2):
        answer = cluster.ask("GET", path, token="admin", version="2.90")
        assert answer.status_code == 200, answer.text
        seen += [server["id"] for server in answer.json()["servers"]]
        if "servers_links" not in answer.json():
            break
        href = parse.urlsplit(answer.json()["servers_links"][0]["href"])
        path = f"{href.path.removeprefix('/v2.1')}?{href.query}"

    assert sorted(seen) == sorted(made)


def test_the_order_is_as_requested(cluster: Cluster, made: list[str]) -> None:
    def listed(direction: str) -> list[str]:
        path = f"/servers?sort_key=created_at&sort_dir={direction}"
        answer = cluster.ask("GET", path, token="reader:library")
        return [server["id"] for server in answer.json()["servers"]]

    assert listed("asc") == made
    assert listed("desc") == made[::-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("created_at=^20&launched_at=:&power_state=1", COUNT),
        ("ip=10[.]&flavor=42&config_drive=^$&vm_state=active", COUNT),
        ("terminated_at=20", 0),
        ("key_name=.", 0),
        ("tags=a", 0),
        ("not-tags=a,b", COUNT),
        ("locked=false&changes-since=2001-01-01T00:00:00Z", COUNT),
        ("changes-before=2001-01-01T00:00:00Z", 0),
    ],
)
def test_filters_mean_the_same_on_both_databases(
    cluster: Cluster, made: list[str], query: str, count: int
) -> None:
    path = f"/servers?{query}&all_tenants=1&project_id=library"
    answer = cluster.ask("GET", path, token="admin", version="2.90")

    assert answer.status_code == 200, answer.text
    assert len(answer.json()["servers"]) == count


def test_pages_follow_several_sort_keys(cluster: Cluster, made: list[str]) -> None:
    """The second key comes first in the alphabet."""
    order = "sort_key=power_state&sort_dir=desc&sort_key=created_at&sort_dir=asc"
    path = f"/servers?limit=1&{order}"
    seen: list[str] = []
    for _ in range(COUNT + 1):
        listed = cluster.ask("GET", path, token="reader:library").json()
        seen += [server["id"] for server in listed["servers"]]
        if "servers_links" not in listed:
            break
        href = parse.urlsplit(listed["servers_links"][0]["href"])
        keys = parse.parse_qs(href.query)
        assert keys["sort_key"] == ["power_state", "created_at"]
        assert keys["sort_dir"] == ["desc", "asc"]
        path = f"/servers?{href.query}"

    assert seen == made


def test_links_have_the_marker_where_nova_puts_it(
    cluster: Cluster, made: list[str]
) -> None:
    """At the end on the first page, then in its place. An empty marker is ignored."""
    query = "limit=1&marker=&sort_key=created_at"
    for path in (f"/servers?{query}", "/servers?limit=1&sort_key=created_at"):
        link = cluster.ask("GET", path, token="reader:library").json()["servers_links"]
        expected = (
            f"/servers?limit=1&marker={made[-1]}&sort_key=created_at"
            if "marker=" in path
            else f"/servers?limit=1&sort_key=created_at&marker={made[-1]}"
        )
        assert link[0]["href"].endswith(expected)


def test_deleted_servers_have_no_metadata_no_tags_and_no_address(
    cluster: Cluster,
) -> None:
    server_id = cluster.create_server("gone", token="reader:shelf")
    for path, body in (
        ("metadata", {"metadata": {"a": "1"}}),
        ("tags", {"tags": ["t1"]}),
    ):
        cluster.ask(
            "PUT",
            f"/servers/{server_id}/{path}",
            body,
            token="reader:shelf",
            version="2.26",
        )
    living = _listed(cluster, "tags=t1&ip=10[.]")
    cluster.ask("DELETE", f"/servers/{server_id}", token="reader:shelf")
    for _ in poll(20):
        if _listed(cluster, "changes-since=2001-01-01T00:00:00Z&deleted=true"):
            break

    (deleted,) = _listed(cluster, "changes-since=2001-01-01T00:00:00Z&deleted=true")

    assert [(server["metadata"], server["tags"]) for server in living] == [
        ({"a": "1"}, ["t1"])
    ]
    assert (deleted["metadata"], deleted["tags"]) == ({}, [])
    assert living[0]["addresses"]
    assert deleted["addresses"] == {}
    assert _listed(cluster, "tags=t1&deleted=true") == []
    assert _listed(cluster, "ip=10[.]&deleted=true") == []


def _listed(cluster: Cluster, query: str) -> list[dict[str, Any]]:
    path = f"/servers/detail?{query}&all_tenants=1&project_id=shelf"
    answer = cluster.ask("GET", path, token="admin", version="2.26")
    assert answer.status_code == 200, answer.text
    servers: list[dict[str, Any]] = answer.json()["servers"]
    return servers

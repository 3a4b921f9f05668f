# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which queries each version accepts, and which of several errors comes first.

Every answer was compared with Nova 34's.
"""

from typing import Any

import pytest

from tests.cluster import Cluster
from tests.tick_image import TICK

SERVER = "/servers/{id}"
UNEXPECTED = "Additional properties are not allowed ('foo' was unexpected)"


@pytest.fixture(scope="module")
def server_id(cluster: Cluster) -> str:
    return cluster.create_server("queries", metadata={"k": "v"})


def message(answer: Any) -> str:
    (fault,) = answer.json().values()
    return str(fault["message"])


@pytest.mark.parametrize(
    "path",
    [
        SERVER,
        f"{SERVER}/metadata",
        f"{SERVER}/metadata/k",
        f"{SERVER}/os-instance-actions/req-1",
        f"{SERVER}/diagnostics",
        f"{SERVER}/os-security-groups",
        f"{SERVER}/ips",
        f"{SERVER}/ips/private",
        "/flavors/42",
        "/flavors/42/os-extra_specs",
        "/flavors/42/os-extra_specs/k",
        "/flavors/42/os-flavor-access",
        "/os-availability-zone",
        "/os-availability-zone/detail",
        "/os-aggregates",
        "/os-quota-class-sets/default",
        "/extensions",
        "/extensions/os-services",
    ],
)
def test_unknown_parameters_are_refused_since_2_102(
    cluster: Cluster, server_id: str, path: str
) -> None:
    url = f"{path.format(id=server_id)}?foo=1"

    before = cluster.ask("GET", url, token="admin:demo", version="2.101")
    since = cluster.ask("GET", url, token="admin:demo", version="2.102")

    assert before.status_code in {200, 404}
    assert since.status_code == 400
    assert message(since) == UNEXPECTED


@pytest.mark.parametrize(
    "path",
    [
        f"{SERVER}/tags",
        f"{SERVER}/tags/t",
        "/os-quota-sets/demo/defaults",
    ],
)
def test_resources_that_ignore_unknown_parameters(
    cluster: Cluster, server_id: str, path: str
) -> None:
    url = path.format(id=server_id)

    plain = cluster.ask("GET", url, version="2.104")
    asked = cluster.ask("GET", f"{url}?foo=1", version="2.104")

    assert plain.status_code == asked.status_code != 400


@pytest.mark.parametrize("value", ["nonsense", "", "1990-01-01T00:00:00Z"])
def test_a_filter_of_a_later_version_is_ignored(
    cluster: Cluster, server_id: str, value: str
) -> None:
    """Also for an admin, who may use every filter. The link leaves it out."""
    path = f"/servers?changes-before={value}&foo=1&limit=1"

    answer = cluster.ask("GET", path, token="admin:demo", version="2.65")

    assert answer.status_code == 200
    listed = answer.json()
    assert len(listed["servers"]) == 1
    (link,) = listed["servers_links"]
    assert link["href"].endswith(
        f"/servers?limit=1&marker={listed['servers'][0]['id']}"
    )


def test_a_query_is_utf_8(cluster: Cluster) -> None:
    answer = cluster.ask("GET", "/servers?name=%ff")

    assert answer.status_code == 400
    assert message(answer) == "Query string is not UTF-8 encoded"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/flavors", {"flavor": {}}),
        ("PUT", "/flavors/42", {"flavor": {}}),
        ("POST", "/flavors/42/os-extra_specs", {"extra_specs": 1}),
        ("PUT", "/flavors/42/os-extra_specs/k", {"k": []}),
        ("POST", "/flavors/42/action", {"addTenantAccess": {}}),
        ("PUT", "/os-quota-sets/demo", {"quota_set": 1}),
        ("PUT", "/os-quota-class-sets/default", {"quota_class_set": 1}),
        ("PUT", "/os-services/x", {"status": "tired"}),
        ("POST", "/os-server-external-events", {"events": 1}),
    ],
)
def test_a_body_is_checked_before_the_policy(
    cluster: Cluster, method: str, path: str, body: object
) -> None:
    wrong = cluster.ask(method, path, body, version="2.55")
    none = cluster.ask(method, path, version="2.55")

    assert wrong.status_code == none.status_code == 400
    if not path.endswith("/action"):
        assert message(none) == "None is not of type 'object'"


@pytest.mark.parametrize(
    "path",
    ["/os-hypervisors?foo=1", "/os-hypervisors/1?foo=1", "/os-services?foo=1"],
)
def test_a_query_is_checked_before_the_policy(cluster: Cluster, path: str) -> None:
    assert cluster.ask("GET", path, version="2.75").status_code == 400
    assert cluster.ask("GET", path, version="2.1").status_code == 403


def test_flavors_by_name_since_2_102(cluster: Cluster) -> None:
    """A regular expression, as for servers."""

    def names(query: str, version: str) -> set[str]:
        listed = cluster.ask("GET", f"/flavors?{query}", version=version).json()
        return {flavor["name"] for flavor in listed["flavors"]}

    everything = names("", "2.102")

    assert names("name=^m1.n", "2.102") == {"m1.nano"}
    assert names("name=nothing", "2.102") == set()
    assert names("name=nothing", "2.74") == everything
    assert (
        cluster.ask("GET", "/flavors?name=x", version="2.101").status_code
        == cluster.ask("GET", "/flavors?name=[", version="2.102").status_code
        == 400
    )


@pytest.mark.parametrize(("version", "code"), [("2.101", 200), ("2.102", 400)])
def test_rxtx_factor_until_2_101(cluster: Cluster, version: str, code: int) -> None:
    flavor = {"name": f"r{version}", "ram": 64, "vcpus": 1, "disk": 0}
    body = {"flavor": flavor | {"rxtx_factor": 2.0}}

    listed = cluster.ask("GET", "/flavors?sort_key=rxtx_factor", version=version)
    made = cluster.ask("POST", "/flavors", body, token="admin", version=version)

    assert listed.status_code == made.status_code == code
    if code == 200:
        path = f"/flavors/{made.json()['flavor']['id']}"
        assert cluster.ask("DELETE", path, token="admin").status_code == 202


def test_a_create_ignores_its_query(cluster: Cluster) -> None:
    server = {"name": "q", "imageRef": TICK, "flavorRef": "42", "networks": "none"}

    made = cluster.ask("POST", "/servers?foo=1", {"server": server}, version="2.104")

    assert made.status_code == 202

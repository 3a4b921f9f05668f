# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The properties that each version adds to a server, in GET, lists and PUT."""

from typing import Any

import pytest

from tests.cluster import Cluster

_ADMINS_ALONE = (
    *("hostname", "kernel_id", "launch_index", "ramdisk_id", "reservation_id"),
    *("root_device_name", "user_data"),
)
# Version → its new properties: for everybody, and for admins only.
NEW: dict[str, tuple[set[str], set[str]]] = {
    "2.3": (set(), {f"OS-EXT-SRV-ATTR:{name}" for name in _ADMINS_ALONE}),
    "2.9": ({"locked"}, set()),
    "2.16": (set(), {"host_status"}),
    "2.19": ({"description"}, set()),
    "2.26": ({"tags"}, set()),
    "2.63": ({"trusted_image_certificates"}, set()),
    "2.71": ({"server_groups"}, set()),
    "2.73": ({"locked_reason"}, set()),
    "2.90": ({"OS-EXT-SRV-ATTR:hostname"}, set()),
    "2.96": ({"pinned_availability_zone"}, set()),
    "2.100": ({"scheduler_hints"}, set()),
}
TOKENS = ("demo:demo", "admin")


@pytest.fixture(scope="module")
def server_id(cluster: Cluster) -> str:
    return cluster.create_server("versions", networks="none", version="2.37")


def _get(cluster: Cluster, server_id: str, token: str, version: str) -> Any:
    answer = cluster.ask("GET", f"/servers/{server_id}", token=token, version=version)
    assert answer.headers["OpenStack-API-Version"] == f"compute {version}"
    return answer.json()["server"]


@pytest.mark.parametrize("token", TOKENS)
def test_each_version_adds_what_nova_adds(
    cluster: Cluster, server_id: str, token: str
) -> None:
    keys = set(_get(cluster, server_id, token, "2.1"))
    for minor in range(2, 105):
        version = f"2.{minor}"
        for_all, for_admins = NEW.get(version, (set(), set()))
        expected = keys | for_all | (for_admins if token == "admin" else set())
        keys = set(_get(cluster, server_id, token, version))
        assert keys == expected, version


def test_the_flavor_is_embedded_since_247(cluster: Cluster, server_id: str) -> None:
    before = _get(cluster, server_id, "demo:demo", "2.46")["flavor"]
    after = _get(cluster, server_id, "demo:demo", "2.47")["flavor"]

    assert set(before) == {"id", "links"}
    assert after["original_name"] == "m1.nano"
    assert (after["vcpus"], after["ram"], after["disk"]) == (1, 128, 1)
    assert {"ephemeral", "swap", "extra_specs"} < set(after)


def test_the_image_has_properties_since_298(cluster: Cluster, server_id: str) -> None:
    before = _get(cluster, server_id, "demo:demo", "2.97")["image"]
    after = _get(cluster, server_id, "demo:demo", "2.98")["image"]

    assert set(before) == {"id", "links"}
    assert after["properties"] == {"architecture": "x86_64"}


@pytest.mark.parametrize("version", ["2.1", "2.70", "2.71", "2.100"])
def test_a_list_shows_the_same_without_groups(
    cluster: Cluster, server_id: str, version: str
) -> None:
    path = "/servers/detail?limit=1&name=versions"
    listed = cluster.ask("GET", path, version=version).json()["servers"][0]
    shown = _get(cluster, server_id, "demo:demo", version)

    assert listed == {k: v for k, v in shown.items() if k != "server_groups"}

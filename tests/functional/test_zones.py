# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which host a server gets. Of two hosts, the second has its own zone."""

from typing import Any

import pytest

from tests.cluster import Cluster
from tests.tick_image import TICK


class Zones:
    """A cluster whose ``host-2`` is in z1 by an aggregate."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        near = {"name": "near", "availability_zone": "z1"}
        self._path = f"/os-aggregates/{self._post('/os-aggregates', aggregate=near)}"
        self.change(add_host={"host": "host-2"})

    def _post(self, path: str, **body: Any) -> int:
        answer = self.cluster.ask("POST", path, body, token="admin").json()
        number: int = answer["aggregate"]["id"]
        return number

    def change(self, **action: Any) -> tuple[int, str]:
        path = f"{self._path}/action"
        answer = self.cluster.ask("POST", path, action, token="admin")
        return answer.status_code, answer.text


@pytest.fixture
def zones(own_cluster: Cluster) -> Zones:
    own_cluster.start_host()
    own_cluster.start_host("host-2")
    own_cluster.start_api()
    return Zones(own_cluster)


def test_a_server_gets_a_host_in_its_zone(zones: Zones) -> None:
    cluster = zones.cluster

    placed = [
        cluster.show(cluster.create_server(zone, availability_zone=zone))
        for zone in ("z1", "nova", "z1", "nova")
    ]

    assert [
        (one["OS-EXT-SRV-ATTR:host"], one["OS-EXT-AZ:availability_zone"])
        for one in placed
    ] == [("host-2", "z1"), ("host-1", "nova")] * 2
    status, text = zones.change(remove_host={"host": "host-2"})
    assert status == 409
    assert "but the host already has 2 instance(s)" in text


def test_a_host_named_after_a_zone(zones: Zones) -> None:
    """No host fits if it is in another zone. An unknown zone is ignored."""
    cluster = zones.cluster
    server = {"name": "two", "imageRef": TICK, "flavorRef": "42"}
    anywhere = {"availability_zone": "mars:host-2"}
    elsewhere = {"server": server | {"availability_zone": "z1:host-1"}}

    fits = cluster.create_server("one", token="admin", **anywhere)
    made = cluster.ask("POST", "/servers", elsewhere, token="admin").json()

    assert cluster.show(fits)["OS-EXT-SRV-ATTR:host"] == "host-2"
    nowhere = cluster.show(made["server"]["id"])
    assert nowhere["fault"]["message"] == "No valid host was found."
    assert nowhere["OS-EXT-AZ:availability_zone"] == "z1"

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Zones and hosts as admins see them, with more than one host."""

from typing import Any

import pytest
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from minova.objects.host import Resources
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import HOST, NewServer


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    """An API with host-1 in zone-1 and host-2 in no zone."""
    has = Resources(
        vcpus=4,
        memory_mb=4096,
        local_gb=50,
        hypervisor_type="fake",
        hypervisor_version=1,
        hypervisor_hostname="host-2",
    )
    db.service_report("host-2")
    db.compute_node_update("host-2", has, vcpus_limit=4, memory_mb_limit=4096)
    near = db.aggregate_create("near", {"availability_zone": "zone-1"})
    db.aggregate_add_host(near.id, HOST)
    return client_of(db, None)


def _ask(client: testing.TestClient, path: str) -> Any:
    extras = {CONTEXT: caller(admin=True)}
    return client.simulate_get(f"/v2.1/{path}", extras=extras).json


def test_each_zone_and_its_hosts(client: testing.TestClient) -> None:
    zones = _ask(client, "os-availability-zone")["availabilityZoneInfo"]
    detail = _ask(client, "os-availability-zone/detail")["availabilityZoneInfo"]

    assert zones == [
        {"zoneName": name, "zoneState": {"available": True}, "hosts": None}
        for name in ("nova", "zone-1")
    ]
    assert {zone["zoneName"]: list(zone["hosts"]) for zone in detail} == {
        "nova": ["host-2"],
        "zone-1": [HOST],
    }


def test_a_zone_whose_hosts_are_disabled(
    client: testing.TestClient, db: Database
) -> None:
    (first, _) = db.service_list(60)
    db.service_update(first.id, {"disabled": True})

    for path in ("os-availability-zone", "os-availability-zone/detail"):
        nova, zone_1 = _ask(client, path)["availabilityZoneInfo"]
        assert nova["zoneState"] == {"available": True}
        assert zone_1 == {
            "zoneName": "zone-1",
            "zoneState": {"available": False},
            "hosts": None,
        }


def test_every_list_of_hosts_has_the_zone(client: testing.TestClient) -> None:
    services = _ask(client, "os-services")["services"]
    hosts = _ask(client, "os-hosts")["hosts"]

    assert [(one["host"], one["zone"]) for one in services] == [
        (HOST, "zone-1"),
        ("host-2", "nova"),
    ]
    assert hosts == [
        {"host_name": HOST, "service": "compute", "zone": "zone-1"},
        {"host_name": "host-2", "service": "compute", "zone": "nova"},
    ]
    assert _ask(client, "os-hosts?zone=nova")["hosts"] == hosts[1:]


def test_the_resources_of_a_host_and_their_users(
    client: testing.TestClient, new_server: NewServer
) -> None:
    new_server()
    new_server()

    shown = [one["resource"] for one in _ask(client, f"os-hosts/{HOST}")["host"]]

    amounts = {"cpu": 2, "memory_mb": 256, "disk_gb": 2}
    assert shown == [
        {"host": HOST, "project": "(total)"}
        | {"cpu": 8, "memory_mb": 8192, "disk_gb": 100},
        *(
            {"host": HOST, "project": project} | amounts
            for project in ("(used_now)", "(used_max)", "demo")
        ),
    ]


def test_a_disabled_host_is_not_listed_but_can_be_shown(
    client: testing.TestClient, db: Database
) -> None:
    (first, _) = db.service_list(60)
    db.service_update(first.id, {"disabled": True})

    assert [one["host_name"] for one in _ask(client, "os-hosts")["hosts"]] == ["host-2"]
    assert _ask(client, f"os-hosts/{HOST}")["host"][0]["resource"]["cpu"] == 8

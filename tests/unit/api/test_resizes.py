# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Resizes without room or with a host that is down, as a user sees them."""

from concurrent import futures
from typing import Any

import pytest
from falcon import testing

from minova.wsgi import n_api
from tests.unit.one_process import Cloud

NO_HOST = "No valid host was found. No valid host found for resize"


def _flavor(cloud: Cloud, flavor: str, **values: int) -> None:
    asked = {"id": flavor, "name": flavor, "ram": 128, "vcpus": 1, "disk": 1} | values
    answer = cloud.ask("POST", "/flavors", {"flavor": asked}, token="admin")
    assert answer.status_code == 200, answer.text


def _resize(cloud: Cloud, server: str, flavor: str, **options: Any) -> testing.Result:
    body = {"resize": {"flavorRef": flavor}}
    return cloud.ask("POST", f"/servers/{server}/action", body, **options)


def _newest(cloud: Cloud, server: str) -> dict[str, Any]:
    path = f"/servers/{server}/os-instance-actions"
    first = cloud.ask("GET", path).json["instanceActions"][0]
    asked = f"{path}/{first['request_id']}"
    answer = cloud.ask("GET", asked, token="admin", version="2.84")
    record: dict[str, Any] = answer.json["instanceAction"]
    return record


def _used(cloud: Cloud) -> int:
    path = "/os-hypervisors/statistics"
    answer = cloud.ask("GET", path, token="admin")
    used: int = answer.json["hypervisor_statistics"]["vcpus_used"]
    return used


def _see_no_host(cloud: Cloud, server: str) -> None:
    shown = cloud.show(server)
    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("ACTIVE", None)
    record = _newest(cloud, server)
    assert (record["action"], record["message"]) == ("resize", "Error")
    assert [(each["event"], each["details"]) for each in record["events"]] == [
        ("conductor_migrate_server", NO_HOST),
        ("cold_migrate", NO_HOST),
    ]
    path = f"/os-migrations?instance_uuid={server}"
    listed = cloud.ask("GET", path, token="admin", version="2.23")
    (migration,) = listed.json["migrations"]
    assert migration["status"] == "error"
    assert migration["migration_type"] == "resize"


def test_a_resize_without_a_host_is_recorded(cloud: Cloud) -> None:
    _flavor(cloud, "huge", vcpus=10_000)
    server = cloud.create_server()

    assert _resize(cloud, server, "huge").status_code == 202

    _see_no_host(cloud, server)


def test_a_disabled_host_gives_no_room(cloud: Cloud) -> None:
    _flavor(cloud, "large", vcpus=2)
    server = cloud.create_server()
    disabled = {"host": "host-1", "binary": "nova-compute"}
    cloud.ask("PUT", "/os-services/disable", disabled, token="admin")

    assert _resize(cloud, server, "large").status_code == 202

    _see_no_host(cloud, server)


def test_without_the_option_there_is_no_host(cloud: Cloud) -> None:
    """The default, as in Nova."""
    _flavor(cloud, "large", vcpus=2)
    server = cloud.create_server()
    cloud.conf.set_override("allow_resize_to_same_host", False)
    cloud.api = n_api.Application(cloud.conf, cloud.connections)

    assert _resize(cloud, server, "large").status_code == 202

    _see_no_host(cloud, server)


def test_the_quota_is_checked_for_the_difference(cloud: Cloud) -> None:
    _flavor(cloud, "large", vcpus=3)
    server = cloud.create_server()
    cloud.ask(
        *("PUT", "/os-quota-sets/demo", {"quota_set": {"cores": 2}}), token="admin"
    )

    answer = _resize(cloud, server, "large")

    assert answer.status_code == 403
    assert answer.json["forbidden"]["message"] == (
        "Quota exceeded for cores: Requested 2, but already used 1 of 2 cores"
    )
    assert cloud.show(server)["OS-EXT-STS:task_state"] is None


@pytest.mark.parametrize("limited", ["quota", "host"])
def test_simultaneous_resizes_get_only_the_room_there_is(
    cloud: Cloud, limited: str
) -> None:
    """Four servers want more, and there is room for two of them."""
    servers = [cloud.create_server(str(number)) for number in range(4)]
    if limited == "quota":
        vcpus = 3
        quota = {"quota_set": {"cores": 9}}
        cloud.ask("PUT", "/os-quota-sets/demo", quota, token="admin")
    else:
        # The host allocates each of its 64 CPUs four times. Old sizes stay allocated.
        vcpus = (4 * 64 - len(servers)) // 2
    _flavor(cloud, "large", vcpus=vcpus)

    with futures.ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda each: _resize(cloud, each, "large").status_code, servers)
        )

    late = [403, 403] if limited == "quota" else [202, 202]
    assert sorted(answers) == [202, 202, *late]
    records = {each: _newest(cloud, each) for each in servers}
    resized = [
        each
        for each, record in records.items()
        if (record["action"], record["message"]) == ("resize", None)
    ]
    assert len(resized) == 2
    for each in resized:
        cloud.wait_for(each, "VERIFY_RESIZE")
    assert _used(cloud) == len(servers) + 2 * vcpus
    for each, ends in zip(resized, ("confirmResize", "revertResize"), strict=True):
        assert cloud.act(each, ends).status_code in (202, 204)
        cloud.wait_for(each, "ACTIVE")
    assert _used(cloud) == len(servers) - 1 + vcpus


def test_a_host_that_is_down(cloud: Cloud) -> None:
    _flavor(cloud, "large", vcpus=2)
    waits, plain = cloud.create_server("waits"), cloud.create_server("plain")
    _resize(cloud, waits, "large")
    cloud.wait_for(waits, "VERIFY_RESIZE")
    down = {"host": "host-1", "binary": "nova-compute", "forced_down": True}
    cloud.ask("PUT", "/os-services/force-down", down, token="admin", version="2.11")

    for server, action, value in (
        (plain, "resize", {"flavorRef": "large"}),
        (plain, "migrate", None),
        (waits, "confirmResize", None),
    ):
        answer = cloud.ask(
            "POST", f"/servers/{server}/action", {action: value}, token="admin"
        )
        assert answer.status_code == 409
        assert answer.json["conflictingRequest"]["message"] == (
            "Service is unavailable at this time."
        )

    for version, password in (("2.13", "secret"), ("2.14", None)):
        body: dict[str, Any] = {
            "evacuate": {} if password is None else {"onSharedStorage": False}
        }
        if password is not None:
            body["evacuate"]["adminPass"] = password
        answer = cloud.ask(
            *("POST", f"/servers/{plain}/action", body),
            token="admin",
            version=version,
        )
        assert answer.status_code == 200
        assert answer.content == (b'{"adminPass": "secret"}' if password else b"")
    record = _newest(cloud, plain)
    assert (record["action"], record["message"]) == ("evacuate", "Error")
    assert [each["event"] for each in record["events"]] == ["rebuild_server"]
    assert cloud.show(plain)["status"] == "ACTIVE"
    listed = cloud.ask(
        *("GET", "/os-migrations?migration_type=evacuation"), token="admin"
    )
    assert [each["status"] for each in listed.json["migrations"]] == ["error"] * 2

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts that go down and come back, and a missing broker."""

import time

import pytest

from minova.testing.asking import Refused
from tests.unit.faults.site import Site, wait_until

NO_HOST = "The compute host could not be reached. Please try again later."
NO_BROKER = "The message broker could not be reached. Please try again later."


def test_a_host_goes_down_and_comes_back(site: Site) -> None:
    server_id = site.server()
    host = site.host_of(server_id)

    fault = site.order("host-down", host=host)

    assert site.states_of_hosts() == {"host-1": "up", "host-2": "up"} | {host: "down"}
    assert site.tool.act(server_id, "pause").status_code == 202
    others = [site.server(name=f"{n}") for n in range(3)]
    assert {site.host_of(other) for other in others} == {"host-1", "host-2"} - {host}
    assert site.tool.show(server_id)["OS-EXT-STS:task_state"] == "pausing"

    site.take_back(fault)

    assert site.states_of_hosts() == {"host-1": "up", "host-2": "up"}
    site.tool.wait_for(server_id, "PAUSED")


def test_all_hosts_go_down(site: Site) -> None:
    for host in ("host-1", "host-2"):
        site.order("host-down", host=host)

    server_id = site.tool.create().json()["server"]["id"]

    shown = site.tool.wait_for(server_id, "ERROR")
    assert shown["fault"]["message"] == "No valid host was found."
    site.admin("POST", "/minova/v1/reset", {"reset": {}})
    assert site.states_of_hosts() == {"host-1": "up", "host-2": "up"}
    site.server()


def test_a_host_finishes_its_work_when_it_is_back(site: Site) -> None:
    hangs = site.order("action-hangs", action="create")
    server_id = site.tool.create().json()["server"]["id"]
    site.wait_for_strike(hangs)
    host = site.host_of(server_id)
    began = time.monotonic()

    fault = site.order("host-down", host=host)

    assert time.monotonic() - began < 3
    time.sleep(0.2)
    assert site.tool.show(server_id)["status"] == "BUILD"
    site.take_back(fault)
    site.tool.wait_for(server_id, "ACTIVE")


def test_a_host_that_is_down_cannot_go_down(site: Site) -> None:
    first = site.order("host-down", host="host-1")

    with pytest.raises(Refused, match="Host host-1 is down already") as refused:
        site.order("host-down", host="host-1")

    assert refused.value.status == 409
    assert site.faults() == [first]


def test_the_broker_is_away_for_one_project(site: Site) -> None:
    server_id = site.server()
    fault = site.order("broker-away", project_id="demo")

    for _ in range(2):
        answer = site.tool.act(server_id, "pause")
        assert answer.status_code == 503
        assert answer.json()["serviceUnavailable"]["message"] == NO_HOST
    assert site.tool.create("two").status_code == 503

    shown = site.tool.show(server_id)
    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("ACTIVE", None)
    assert [s["name"] for s in site.tool.ask("GET", "/servers").json()["servers"]] == [
        "one"
    ]
    assert site.fault(fault)["struck"] == 3
    strikes = site.fault(fault)["strikes"]
    assert [strike["action"] for strike in strikes] == ["pause", "pause", "create"]
    assert [e["faults"] for e in site.journal()[:3]] == [[fault]] * 3
    # Other projects are not affected.
    site.admin.compute("POST", f"/servers/{server_id}/action", {"pause": None})
    site.tool.wait_for(server_id, "PAUSED")
    site.take_back(fault)
    assert site.tool.act(server_id, "unpause").status_code == 202


def test_the_broker_is_away_for_all_projects(site: Site) -> None:
    server_id = site.server()
    fault = site.order("broker-away")

    first, second = (site.tool.act(server_id, "pause") for _ in range(2))

    assert first.json()["serviceUnavailable"]["message"] == NO_HOST
    assert second.json()["serviceUnavailable"]["message"] == NO_BROKER
    time.sleep(0.6)
    assert site.tool.create().status_code == 503
    strikes = site.fault(fault)["strikes"]
    assert [strike["action"] for strike in strikes] == ["pause", "pause", "create"]
    assert [entry["faults"] for entry in site.journal()[:3]] == [[fault]] * 3
    assert site.tool.show(server_id)["OS-EXT-STS:task_state"] is None

    site.take_back(fault)

    wait_until(
        lambda: site.tool.act(server_id, "pause").status_code == 202,
        "the broker is back",
    )
    site.tool.wait_for(server_id, "PAUSED")


def test_a_message_is_lost_once(site: Site) -> None:
    server_id = site.server()
    site.order("broker-away", server=server_id, action="pause", times=1)

    assert site.tool.act(server_id, "pause").status_code == 503
    assert site.tool.act(server_id, "pause").status_code == 202

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults that may be ordered, listed and removed."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from minova.api.faults import requests as fault_requests
from minova.testing import asking
from minova.testing.asking import Asking, Refused
from tests.unit.faults.site import Site, Tool, have_server

_UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "'kind' is a required property"),
        ({"kind": "bad-luck"}, "'bad-luck' is not one of ['action-fails'"),
        ({"kind": "answer"}, "'status' is a required property"),
        ({"kind": "answer", "status": 418}, "418 is not one of [429, 500"),
        ({"kind": "answer-late", "seconds": 0}, "less than or equal to the minimum"),
        ({"kind": "answer-late", "seconds": "5"}, "is not of type 'number'"),
        ({"kind": "answer-cut", "times": 0}, "0 is not valid under any"),
        ({"kind": "answer-cut", "times": "often"}, "'often' is not valid under any"),
        ({"kind": "answer-cut", "probability": 2}, "greater than the maximum"),
        ({"kind": "answer-cut", "seconds": 1}, "('seconds' was unexpected)"),
        ({"kind": "answer-cut", "path": "servers"}, "does not match '^/'"),
        ({"kind": "host-down", "host": "host-9"}, "There is no host host-9."),
        (
            {"kind": "host-down", "host": "host-1", "project_id": "demo"},
            "('project_id' was unexpected)",
        ),
        ({"kind": "action-fails", "action": "fly"}, "There is no action fly of which"),
        (
            {"kind": "no-valid-host", "action": "pause"},
            "There are create, resize.",
        ),
        (
            {"kind": "action-fails", "action": "pause", "host": "host-9"},
            "There is no host host-9.",
        ),
        (
            {"kind": "action-fails", "action": "pause", "server": "web"},
            "There is no server web. Only a fault of action create may name one",
        ),
        (
            {"kind": "action-fails", "action": "pause", "server": _UUID},
            f"There is no server {_UUID}.",
        ),
        (
            {"kind": "action-fails", "action": "create", "server": _UUID},
            "Say the name of one that is to be created.",
        ),
        (
            {"kind": "action-fails", "action": "pause", "server": "one"}
            | {"project_id": "eve"},
            "There is no server one in project eve.",
        ),
        (
            {"kind": "action-fails", "action": "pause", "server": "one"}
            | {"host": "OTHER"},
            "Server one is not on host",
        ),
        (
            {"kind": "action-fails", "action": "pause", "server": "twin"},
            "Several servers are called twin. Say which by its id.",
        ),
        (
            {"kind": "answer-cut", "action": "pause", "method": "GET"},
            "Say either an action, or method and path.",
        ),
    ],
)
def test_a_wrong_order_changes_nothing(
    site: Site, order: dict[str, Any], said: str
) -> None:
    if order.get("server") in {"one", "twin"}:
        server_id = site.server(name=order["server"])
        have_server(Asking(site.url, "eve:eve"), "active", "twin")
    if order.get("host") == "OTHER":
        (other,) = {"host-1", "host-2"} - {site.host_of(server_id)}
        order = order | {"host": other}

    with pytest.raises(Refused) as refused:
        site.admin("POST", "/minova/v1/faults", {"fault": order})

    assert refused.value.status == 400
    assert said in str(refused.value)
    assert site.faults() == []


@pytest.mark.parametrize("body", [None, [], "fault", {"fault": []}, {"faults": {}}])
def test_a_body_that_is_not_an_order(site: Site, body: Any) -> None:
    with pytest.raises(Refused) as refused:
        site.admin("POST", "/minova/v1/faults", body)

    assert refused.value.status == 400


def test_the_key_of_a_body_stands_for_its_action(site: Site) -> None:
    fault = site.order("action-fails", action="os-stop")

    assert site.fault(fault)["action"] == "stop"


def test_a_name_stands_for_a_server(site: Site) -> None:
    one, two = site.server(name="one"), site.server(name="two")
    fault = site.order("action-fails", action="pause", server="two", times="always")

    for server_id in (one, two):
        site.tool.act(server_id, "pause")

    site.tool.wait_for(one, "PAUSED")
    site.wait_for_strike(fault)
    site.tool.wait_for(two, "ACTIVE")
    assert site.fault(fault)["server"] == two


def test_a_fault_of_one_host(site: Site) -> None:
    servers = [site.server(name=f"{n}") for n in range(4)]
    there = {server_id: site.host_of(server_id) for server_id in servers}
    assert set(there.values()) == {"host-1", "host-2"}
    site.order("action-fails", action="suspend", host="host-1", times="always")

    for server_id in servers:
        site.tool.act(server_id, "suspend")

    for server_id, host in there.items():
        left = "ERROR" if host == "host-1" else "SUSPENDED"
        site.tool.wait_for(server_id, left)


def test_listing_and_removing(site: Site) -> None:
    for_all = site.order("answer-cut")
    demo = site.order("answer-cut", project_id="demo")
    eve = site.order("answer-cut", project_id="eve")

    assert site.faults() == [for_all, demo, eve]
    assert site.faults("demo") == [demo]

    site.admin("DELETE", "/minova/v1/faults?project_id=demo")
    assert site.faults() == [for_all, eve]
    site.take_back(for_all)
    assert site.faults() == [eve]
    with pytest.raises(Refused, match=f"Fault {demo} could not be found") as refused:
        site.take_back(demo)
    assert refused.value.status == 404
    site.admin("DELETE", "/minova/v1/faults")
    assert site.faults() == []


def test_resets(site: Site) -> None:
    demo = site.order("action-hangs", action="create", project_id="demo")
    eve = site.order("answer-cut", project_id="eve")
    site.tool.create()
    site.wait_for_strike(demo)

    site.admin("POST", "/minova/v1/reset", {"reset": {"project_id": "demo"}})

    assert site.faults() == [eve]
    assert site.tool.ask("GET", "/servers").json() == {"servers": []}
    site.admin("POST", "/minova/v1/reset", {"reset": {}})
    assert site.faults() == []


def test_answers_fit_their_schemas(site: Site) -> None:
    fault = site.order("answer", status=503, times="always", project_id="demo")
    site.order("host-down", host="host-2")
    site.tool.ask("GET", "/servers")

    for name, path in (("faults", "faults"), ("fault", f"faults/{fault}")):
        schema = site.admin("GET", f"/minova/v1/schemas/{name}")
        Draft202012Validator(schema).validate(site.admin("GET", f"/minova/v1/{path}"))
    schema = site.admin("GET", "/minova/v1/schemas/requests")
    Draft202012Validator(schema).validate(site.admin("GET", "/minova/v1/requests"))


def test_minovas_own_requests_have_one_name() -> None:
    assert fault_requests.OWN_AGENT == asking.USER_AGENT


def test_a_removed_fault_is_still_listed(site: Site) -> None:
    fault = site.order("answer", status=503)
    site.tool.ask("GET", "/servers")
    site.take_back(fault)

    assert site.journal()[0]["faults"] == [fault]


def test_an_admin_of_another_project_meets_the_fault(site: Site) -> None:
    """The fault depends on the server's project, not on the sender of the action."""
    server_id = site.server()
    fault = site.order("action-fails", action="pause", project_id="demo")

    Tool(site.url, "admin").act(server_id, "pause")

    site.wait_for_strike(fault)

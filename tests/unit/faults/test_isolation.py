# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Other projects never notice the faults of one project, however many."""

import time
from concurrent import futures

from minova.testing.asking import Asking
from tests.unit.faults.site import Site, Tool, have_server, wait_until

_AT_A_TIME = 40
"""More than n-api's threads, or a host's threads for builds."""


def test_a_server_lives_beside_forty_failing_ones(site: Site) -> None:
    for kind, values in (
        ("action-hangs", {"action": "create"}),
        ("action-takes", {"action": "stop", "seconds": 60}),
        ("answer-late", {"seconds": 60, "method": "GET", "path": "/servers"}),
        ("broker-away", {"action": "pause"}),
        ("answer", {"status": 503, "path": "/flavors*"}),
    ):
        site.order(kind, times="always", project_id="bad", **values)
    bad = Tool(site.url, "bad")
    site.admin.compute(
        "PUT",
        "/os-quota-sets/bad",
        {"quota_set": {"instances": -1, "cores": -1, "ram": -1}},
    )
    with futures.ThreadPoolExecutor(_AT_A_TIME) as threads:
        built = threads.map(lambda _: bad.create().status_code, range(_AT_A_TIME))
        assert set(built) == {202}
        late = [threads.submit(bad.ask, "GET", "/servers") for _ in range(_AT_A_TIME)]
        wait_until(lambda: _struck(site) == 2 * _AT_A_TIME, "all of it goes wrong")

        began = time.monotonic()
        for _ in range(5):
            _live(site.tool)
        seconds = time.monotonic() - began

        assert not any(answer.done() for answer in late)
        assert seconds < 20, seconds
        assert [entry["faults"] for entry in site.journal() if entry["faults"]] == []
        assert {e["status"] for e in site.journal()} <= {200, 202, 204, 404}
        site.admin("DELETE", "/minova/v1/faults?project_id=bad")
        assert {answer.result().status_code for answer in late} == {200}


def _struck(site: Site) -> int:
    found = site.admin("GET", "/minova/v1/faults")["faults"]
    return sum(fault["struck"] for fault in found)


def _live(tool: Tool) -> None:
    assert tool.ask("GET", "/flavors/detail").status_code == 200
    server_id = tool.create().json()["server"]["id"]
    tool.wait_for(server_id, "ACTIVE")
    for action, status in (("pause", "PAUSED"), ("unpause", "ACTIVE")):
        assert tool.act(server_id, action).status_code == 202
        tool.wait_for(server_id, status)
    assert tool.act(server_id, "stop").status_code == 202
    tool.wait_for(server_id, "SHUTOFF")
    assert tool.ask("GET", "/servers").status_code == 200
    assert tool.act(server_id, "delete").status_code == 204
    tool.wait_for(server_id, "GONE")


def test_each_kind_leaves_the_others_alone(site: Site) -> None:
    eve = Tool(site.url, "eve")
    hers = have_server(Asking(site.url, "eve:eve"), "active")
    mine = site.server()
    for kind, values in (
        ("action-fails", {"action": "pause"}),
        ("broker-away", {"action": "unpause"}),
        ("token-expires", {"method": "GET"}),
        ("no-valid-host", {}),
        ("guest-pauses", {"server": mine}),
    ):
        often = {} if kind == "guest-pauses" else {"times": "always"}
        site.order(kind, project_id="demo", **often, **values)

    assert eve.act(hers, "pause").status_code == 202
    eve.wait_for(hers, "PAUSED")
    assert eve.act(hers, "unpause").status_code == 202
    eve.wait_for(hers, "ACTIVE")
    made = eve.create().json()["server"]["id"]
    eve.wait_for(made, "ACTIVE")

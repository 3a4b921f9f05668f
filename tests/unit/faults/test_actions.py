# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Actions that fail, are slow or hang in the hypervisor, and creates without a host."""

import time

import pytest

from minova.local.faults.hypervisor import DONE_BY
from minova.testing.asking import Refused
from minova.vocabulary import instance_actions
from tests.unit.faults.site import Site, wait_until

# The state before, and the state after a failure.
FAILING = {
    "pause": ("active", "ACTIVE"),
    "unpause": ("paused", "PAUSED"),
    "suspend": ("active", "ERROR"),
    "resume": ("suspended", "ERROR"),
    "stop": ("active", "ACTIVE"),
    "start": ("stopped", "SHUTOFF"),
    # The guest is still running.
    "reboot": ("active", "ACTIVE"),
    "rescue": ("active", "ERROR"),
    "unrescue": ("rescued", "ERROR"),
    "rebuild": ("active", "ERROR"),
    "resize": ("active", "ERROR"),
    "confirmResize": ("resized", "ERROR"),
    "revertResize": ("resized", "ERROR"),
    "delete": ("active", "ERROR"),
}
# A deferred delete, which a cloud in one process does not have.
_NOT_HERE = {"create", "restore"}


def _server(site: Site, state: str) -> str:
    if state != "resized":
        return site.server(state)
    server_id = site.server()
    assert site.tool.act(server_id, "resize").status_code == 202
    site.tool.wait_for(server_id, "VERIFY_RESIZE")
    return server_id


def test_every_action_is_known() -> None:
    assert {row.name for row in instance_actions.ALL} == FAILING.keys() | _NOT_HERE
    assert DONE_BY.keys() == set(instance_actions.ALL)


@pytest.mark.parametrize("action", FAILING)
def test_an_action_fails(site: Site, action: str) -> None:
    state, left = FAILING[action]
    server_id = _server(site, state)
    fault = site.order("action-fails", action=action, server=server_id)

    assert site.tool.act(server_id, action).status_code in (200, 202, 204)

    site.wait_for_strike(fault)
    shown = site.tool.wait_for(server_id, left)
    if left == "ERROR":
        said = "cannot be rescued" if action == "rescue" else "libvirtError"
        assert said in shown["fault"]["message"]
    event = site.event(server_id, action)
    assert event["result"] == "Error"
    assert f"fault {fault} was ordered" in event["details"]
    (strike,) = site.fault(fault)["strikes"]
    entry = next(e for e in site.journal() if e["request_id"] == strike["request_id"])
    assert entry["faults"] == [fault]
    assert (strike["server_id"], strike["action"]) == (server_id, action)


def test_a_fault_strikes_once_if_ordered_once(site: Site) -> None:
    server_id = site.server()
    fault = site.order("action-fails", action="pause", message="no QEMU today")
    site.tool.act(server_id, "pause")
    site.wait_for_strike(fault)
    site.tool.wait_for(server_id, "ACTIVE")

    site.tool.act(server_id, "pause")

    site.tool.wait_for(server_id, "PAUSED")
    assert site.event(server_id, "pause")["result"] == "Success"
    assert site.fault(fault)["struck"] == 1


def test_only_admins_see_the_hypervisors_error(site: Site) -> None:
    fault = site.order("action-fails", action="create", message="no QEMU today")

    server_id = site.tool.create().json()["server"]["id"]

    shown = site.tool.wait_for(server_id, "ERROR")
    assert shown["fault"]["message"] == "libvirtError"
    assert site.event(server_id, "create")["details"] == "no QEMU today"
    assert site.fault(fault)["struck"] == 1


@pytest.mark.parametrize(
    ("action", "state", "after"),
    [
        ("pause", "active", "PAUSED"),
        ("stop", "active", "SHUTOFF"),
        ("delete", "active", "GONE"),
    ],
)
def test_a_slow_action(site: Site, action: str, state: str, after: str) -> None:
    server_id = site.server(state)
    fault = site.order("action-takes", action=action, seconds=0.6, project_id="demo")
    began = time.monotonic()

    site.tool.act(server_id, action)

    site.wait_for_strike(fault)
    assert site.tool.show(server_id)["OS-EXT-STS:task_state"]
    site.tool.wait_for(server_id, after)
    assert 0.6 <= time.monotonic() - began < 5


def test_a_slow_action_that_fails(site: Site) -> None:
    site.order("action-takes", action="create", seconds=0.3)
    site.order("action-fails", action="create")
    began = time.monotonic()

    server_id = site.tool.create().json()["server"]["id"]

    site.tool.wait_for(server_id, "ERROR")
    assert time.monotonic() - began >= 0.3


def test_a_server_stays_in_build_until_the_fault_is_removed(
    site: Site,
) -> None:
    fault = site.order("action-hangs", action="create")
    server_id = site.tool.create().json()["server"]["id"]
    site.wait_for_strike(fault)
    time.sleep(0.3)
    assert site.tool.show(server_id)["status"] == "BUILD"

    site.take_back(fault)

    site.tool.wait_for(server_id, "ACTIVE")
    assert site.journal()[0]["faults"] == [fault]


def test_a_hanging_server_can_be_deleted(site: Site) -> None:
    fault = site.order("action-hangs", action="pause")
    server_id = site.server()
    site.tool.act(server_id, "pause")
    site.wait_for_strike(fault)

    assert site.tool.act(server_id, "delete").status_code == 204

    site.tool.wait_for(server_id, "GONE")
    assert site.event(server_id, "pause")["result"] == "Error"


def test_a_create_finds_no_host(site: Site) -> None:
    fault = site.order("no-valid-host", server="two", action="create")

    one, two = (
        site.tool.create(name).json()["server"]["id"] for name in ("one", "two")
    )

    shown = site.tool.wait_for(two, "ERROR")
    assert shown["fault"]["message"] == "No valid host was found."
    assert not shown.get("OS-EXT-SRV-ATTR:host")
    site.tool.wait_for(one, "ACTIVE")
    (strike,) = site.fault(fault)["strikes"]
    assert strike["server_id"] == two


def test_a_resize_finds_no_host(site: Site) -> None:
    server_id = site.server()
    fault = site.order("no-valid-host", server=server_id)

    assert site.tool.act(server_id, "resize").status_code == 202

    site.tool.wait_for(server_id, "ACTIVE")
    record = site.event(server_id, "resize")
    assert "No valid host was found" in record["details"]
    assert site.fault(fault)["struck"] == 1
    assert site.tool.act(server_id, "resize").status_code == 202
    site.tool.wait_for(server_id, "VERIFY_RESIZE")


@pytest.mark.parametrize(
    ("kind", "state", "status", "power_state"),
    [
        ("guest-crashes", "active", "SHUTOFF", 4),
        ("guest-stops", "active", "SHUTOFF", 4),
        ("guest-stops", "paused", "SHUTOFF", 4),
        # Nova leaves it to the user.
        ("guest-pauses", "active", "ACTIVE", 3),
    ],
)
def test_a_guest_changes_by_itself(
    site: Site, kind: str, state: str, status: str, power_state: int
) -> None:
    server_id = site.server(state)

    fault = site.order(kind, server="one", project_id="demo")

    wait_until(
        lambda: site.tool.show(server_id)["OS-EXT-STS:power_state"] == power_state,
        "its host has heard of it",
    )
    site.tool.wait_for(server_id, status)
    (strike,) = site.fault(fault)["strikes"]
    assert strike["server_id"] == server_id
    if status == "SHUTOFF":
        # n-cpu itself requests and records a stop, as Nova's sync does.
        assert site.event(server_id, "stop")["result"] == "Success"


@pytest.mark.parametrize("kind", ["guest-crashes", "guest-stops", "guest-pauses"])
def test_a_guest_that_is_off_does_nothing(site: Site, kind: str) -> None:
    server_id = site.server("stopped")

    with pytest.raises(Refused) as refused:
        site.order(kind, server=server_id)

    assert refused.value.status == 409
    assert site.faults() == []

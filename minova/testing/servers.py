# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers in a given state, made by ordinary requests."""

import time
from typing import Any, Final

from minova.testing.asking import ADMIN, Asking, Refused

LEADS_TO: Final[dict[str, tuple[str | None, str]]] = {
    "active": (None, "ACTIVE"),
    "paused": ("pause", "PAUSED"),
    "suspended": ("suspend", "SUSPENDED"),
    "stopped": ("os-stop", "SHUTOFF"),
    "rescued": ("rescue", "RESCUE"),
    "error": ("os-resetState", "ERROR"),
}
"""For each vm_state: the action that leads there from active, and the API's status."""

_NETWORKS: Final = (2, 37)
"""Since this microversion a create must say which networks it wants."""
_WITHIN: Final = 30.0
"""Seconds."""


def find(ask: Asking, kind: str, name: str) -> str:
    """Find a flavor or an image by its id or name, and return its id.

    Raises:
        Refused: there is no such flavor or image.
    """
    if kind == "flavor":
        known = ask.compute("GET", "/flavors/detail?is_public=None")["flavors"]
    else:
        known = ask("GET", "/image/v2/images?limit=1000")["images"]
    for each in known:
        if name in (each["id"], each["name"]):
            found: str = each["id"]
            return found
    raise Refused(0, f"there is no {kind} {name}")


def create(ask: Asking, **values: Any) -> str:
    """Create a server and return its id, without waiting until it is built."""
    if ask.version >= _NETWORKS:
        values = {"networks": "auto"} | values
    body = {"server": values}
    server_id: str = ask.compute("POST", "/servers", body)["server"]["id"]
    return server_id


def lead(ask: Asking, server_id: str, vm_state: str) -> dict[str, Any]:
    """Wait until a server is built, bring it into a state, and return it.

    Raises:
        Refused: the server could not be built, or did not reach the state within 30 s.
    """
    action, status = LEADS_TO[vm_state]
    _wait(ask, server_id, "ACTIVE")
    if action == "os-resetState":
        _act(ask.being(ADMIN), server_id, {action: {"state": "error"}})
    elif action is not None:
        _act(ask, server_id, {action: None})
    return _wait(ask, server_id, status)


def _act(ask: Asking, server_id: str, body: Any) -> None:
    ask.compute("POST", f"/servers/{server_id}/action", body)


def _wait(ask: Asking, server_id: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + _WITHIN
    while True:
        server: dict[str, Any] = ask.compute("GET", f"/servers/{server_id}")["server"]
        if server["status"] == status and not server["OS-EXT-STS:task_state"]:
            return server
        if server["status"] == "ERROR" or time.monotonic() > deadline:
            fault = server.get("fault", {}).get("message", "")
            why = f"is {server['status']}, not {status}: {fault}".removesuffix(": ")
            raise Refused(0, f"server {server['name']} {why}")
        time.sleep(0.003)

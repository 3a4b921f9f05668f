# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud of ``minova up``, a tool that uses it, and a client that orders faults."""

import time
from collections.abc import Callable
from typing import Any

import requests

from minova.testing import servers
from minova.testing.asking import Asking
from minova.vocabulary import instance_actions
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import Up

KEY = {row.name: row.key for row in instance_actions.ALL}
ARGUMENT: dict[str, Any] = {
    "reboot": {"type": "SOFT"},
    "resize": {"flavorRef": "1"},
    "rebuild": {"imageRef": TICK},
}


class Tool:
    """Sends requests as one user, and accepts any answer."""

    def __init__(self, url: str, project: str) -> None:
        self.url = url
        self.project = project
        self.headers = {
            "X-Auth-Token": f"{project}:{project}",
            "OpenStack-API-Version": "compute 2.90",
        }

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/v2.1{path}",
            json=body,
            headers=self.headers,
            timeout=30,
        )

    def act(self, server_id: str, action: str) -> requests.Response:
        if action == "delete":
            return self.ask("DELETE", f"/servers/{server_id}")
        body = {KEY[action]: ARGUMENT.get(action)}
        return self.ask("POST", f"/servers/{server_id}/action", body)

    def create(self, name: str = "one") -> requests.Response:
        server = {"name": name, "flavorRef": "42", "imageRef": TICK, "networks": "auto"}
        return self.ask("POST", "/servers", {"server": server})

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}")
        gone = {"server": {"status": "GONE", "OS-EXT-STS:task_state": None}}
        shown: dict[str, Any] = answer.json() if answer.ok else gone
        return dict(shown["server"])

    def wait_for(self, server_id: str, status: str) -> dict[str, Any]:
        """Wait for a status without a task, and return the server."""

        def reached() -> bool:
            shown = self.show(server_id)
            return shown["status"] == status and not shown["OS-EXT-STS:task_state"]

        wait_until(reached, f"{server_id} is {status}")
        return self.show(server_id)


class Site:
    """All of them, in the project ``demo``."""

    def __init__(self, running: Up) -> None:
        self.url = running.url
        self.admin = running.admin
        self.demo = running.demo
        self.tool = Tool(running.url, "demo")

    def order(self, kind: str, **values: Any) -> str:
        """Order a fault and return its id."""
        body = {"fault": {"kind": kind, **values}}
        made = self.admin("POST", "/minova/v1/faults", body)["fault"]
        found: str = made["id"]
        return found

    def fault(self, fault_id: str) -> dict[str, Any]:
        shown = self.admin("GET", f"/minova/v1/faults/{fault_id}")["fault"]
        assert isinstance(shown, dict)
        return shown

    def faults(self, project_id: str | None = None) -> list[str]:
        query = "" if project_id is None else f"?project_id={project_id}"
        found = self.admin("GET", f"/minova/v1/faults{query}")["faults"]
        return [each["id"] for each in found]

    def take_back(self, fault_id: str) -> None:
        self.admin("DELETE", f"/minova/v1/faults/{fault_id}")

    def wait_for_strike(self, fault_id: str) -> None:
        wait_until(lambda: bool(self.fault(fault_id)["struck"]), "it struck")

    def journal(self) -> list[dict[str, Any]]:
        sent = self.admin("GET", "/minova/v1/requests?project_id=demo")["requests"]
        assert isinstance(sent, list)
        return sent

    def server(self, state: str = "active", *, name: str = "one") -> str:
        """Create a server for the tool and return its id."""
        return have_server(self.demo, state, name)

    def host_of(self, server_id: str) -> str:
        shown = self.admin.compute("GET", f"/servers/{server_id}")["server"]
        host: str = shown["OS-EXT-SRV-ATTR:host"]
        return host

    def states_of_hosts(self) -> dict[str, str]:
        listed = self.admin.compute("GET", "/os-services")["services"]
        return {service["host"]: service["state"] for service in listed}

    def event(self, server_id: str, action: str) -> dict[str, Any]:
        """Return the failed event of an action's last record, or its first event."""
        path = f"/servers/{server_id}/os-instance-actions"
        records = self.admin.compute("GET", path)["instanceActions"]
        request_id = next(r["request_id"] for r in records if r["action"] == action)
        record = self.admin.compute("GET", f"{path}/{request_id}")["instanceAction"]
        events: list[dict[str, Any]] = record["events"]
        return next((e for e in events if e["result"] == "Error"), events[0])


def have_server(ask: Asking, state: str, name: str = "one") -> str:
    server_id = servers.create(ask, name=name, flavorRef="42", imageRef=TICK)
    servers.lead(ask, server_id, state)
    return server_id


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, f"not within 20 s: {what}"
        time.sleep(0.01)

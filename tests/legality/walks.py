# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How to bring a server into a state, by actions if possible."""

from typing import Final

import requests

from tests.cluster import Cluster
from tests.legality.nova import OFFERED, Legality, route
from tests.real_servers import wait_until
from tests.tick_image import TICK

OPTIONS: Final = {
    # A stopped host may still be asked, and a frozen one does not lock the database.
    "report_interval": "3600",
    "service_down_time": "3600",
    "reclaim_instance_interval": "3600",
    "debug": "false",
}


def ask(cluster: Cluster, server_id: str, entry: Legality) -> requests.Response:
    """Ask for an action as its entry says."""
    path, token = f"/servers/{server_id}", "admin" if entry.admin else "demo:demo"
    if entry.ask is None:
        return cluster.ask("DELETE", path, token=token)
    return cluster.ask(
        "POST", f"{path}/action", entry.ask, token=token, version=entry.since
    )


def lead(cluster: Cluster, name: str, vm_state: str) -> str:
    """Create a server, bring it to a state, and return its id.

    A server stays in building only if its host is away (``leave_building``).
    """
    if vm_state == "building":
        return ""
    server_id = cluster.create_server(name)
    before = "active"
    for entry in route(vm_state):
        answer = ask(cluster, server_id, entry)
        assert answer.status_code == entry.status, answer.text
        before = str(entry.end(before))
        wait_for(cluster, server_id, before)
    return server_id


def leave_building(cluster: Cluster, name: str) -> str:
    """Create a server whose host is stopped, and return its id."""
    server = {"name": name, "imageRef": TICK, "flavorRef": "42"}
    answer = cluster.ask("POST", "/servers", {"server": server})
    assert answer.status_code == 202, answer.text
    server_id: str = answer.json()["server"]["id"]
    return server_id


def arrive(
    cluster: Cluster, server_id: str, vm_state: str, task_state: str | None
) -> None:
    """Bring a server of a stopped host to a pair of states.

    This is done by the action that has this first step, if it may start from there, or
    else by hand.
    """
    put(cluster, server_id, vm_state, None)
    for entry in OFFERED:
        refusal = entry.refusal(server_id, vm_state, None)
        if task_state is not None and entry.step == task_state and refusal is None:
            assert ask(cluster, server_id, entry).status_code == entry.status
            return
    if task_state is not None:
        put(cluster, server_id, vm_state, task_state)


def put(
    cluster: Cluster, server_id: str, vm_state: str, task_state: str | None
) -> None:
    """Write a pair of states into the database, with no request at work."""
    since = "NULL" if task_state is None else "created_at"
    cluster.set_server(
        server_id,
        "vm_state = :vm_state, task_state = :task, claim_request_id = :claim, "
        f"claimed_at = {since}, locked = false",
        vm_state=vm_state,
        task=task_state,
        claim=task_state and "req-of-another",
    )
    if vm_state == "resized":
        cluster.execute(
            "UPDATE migrations SET status = 'finished' WHERE instance_uuid = :uuid",
            uuid=server_id,
        )


def wait_for(
    cluster: Cluster, server_id: str, vm_state: str, timeout: float = 30
) -> None:
    """Wait for a state without a task. A server that is gone counts as deleted."""

    def states() -> tuple[str, str | None]:
        answer = cluster.ask("GET", f"/servers/{server_id}", token="admin")
        if answer.status_code == 404:
            return "deleted", None
        shown = answer.json()["server"]
        return shown["OS-EXT-STS:vm_state"], shown["OS-EXT-STS:task_state"]

    try:
        wait_until(lambda: states() == (vm_state, None), timeout, f"it is {vm_state}")
    except TimeoutError as late:
        late.add_note(f"{server_id} is {states()}")
        raise

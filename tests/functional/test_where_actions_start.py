# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""From which states each action starts, and the refusals from all others.

Each offered action is tried from each pair of states; ``tests/legality`` says what Nova
does. The host is stopped, so accepted requests wait and show their first step.
test_where_actions_lead.py has the ends.
"""

import functools
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import pytest
import requests

from tests import real_servers
from tests.cluster import Cluster
from tests.legality import walks
from tests.legality.nova import OFFERED, TASK_STATES, VM_STATES, Legality

UNKNOWN_IMAGE = "11111111-2222-4333-8444-555555555555"
LAUNCHED = [entry for entry in OFFERED if "any" not in entry.leads]


@pytest.fixture(scope="module")
def hostless(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A cluster whose host was stopped after a server was brought to each state."""
    folder = tmp_path_factory.mktemp("hostless")
    connection = f"sqlite:///{folder}/minova.sqlite"
    cluster = Cluster(folder, rabbitmq.new_vhost(), connection)
    cluster.migrate()
    try:
        cluster.start_host(consumes_within=60, **walks.OPTIONS)
        cluster.start_api(**walks.OPTIONS)
        with futures.ThreadPoolExecutor(len(VM_STATES)) as pool:
            list(pool.map(functools.partial(walks.lead, cluster), VM_STATES, VM_STATES))
        cluster.stop_host()
        walks.leave_building(cluster, "building")
        yield cluster
    finally:
        cluster.stop()


def one_in(cluster: Cluster, vm_state: str) -> str:
    """Return the server in such a state, without a task."""
    path = f"/servers?all_tenants=1&soft_deleted=yes&name=^{vm_state}$"
    (server,) = cluster.ask("GET", path, token="admin").json()["servers"]
    found: str = server["id"]
    walks.put(cluster, found, vm_state, None)
    return found


@pytest.fixture
def server_id(hostless: Cluster) -> str:
    return one_in(hostless, "active")


put = walks.put


def act(cluster: Cluster, server_id: str, body: Any) -> requests.Response:
    return cluster.ask("POST", f"/servers/{server_id}/action", body)


def message_of(answer: requests.Response) -> str | None:
    if not answer.text:
        return None
    (fault,) = answer.json().values()
    message: str | None = fault.get("message")
    return message


def refusal(answer: requests.Response) -> str | None:
    assert answer.status_code == 409, answer.text
    return message_of(answer)


def test_actions_start_where_novas_do(hostless: Cluster) -> None:
    with futures.ThreadPoolExecutor(4) as pool:
        wrong = pool.map(functools.partial(walk, hostless), VM_STATES)

    said = [line for each in wrong for line in each]
    assert not said, "\n".join(said)


def walk(cluster: Cluster, vm_state: str) -> list[str]:
    """Try everything from one state and each task. Return the differences from Nova."""
    server_id = one_in(cluster, vm_state)
    wrong = []
    for task_state in (None, *TASK_STATES):
        walks.arrive(cluster, server_id, vm_state, task_state)
        for entry in OFFERED:
            answer = walks.ask(cluster, server_id, entry)
            said = entry.refusal(server_id, vm_state, task_state)
            if said is not None:
                status = entry.status if said == entry.says else 409
                is_right = (answer.status_code, message_of(answer)) == (status, said)
            else:
                is_right = answer.status_code == entry.status and leaves(
                    cluster.show(server_id), entry, vm_state, task_state
                )
                put(cluster, server_id, vm_state, task_state)
            if not is_right:
                where = f"{entry} from {vm_state}, {task_state}"
                wrong.append(f"{where}: {answer.status_code} {answer.text}")
    return wrong


def leaves(
    shown: dict[str, Any], entry: Legality, vm_state: str, task_state: str | None
) -> bool:
    """Tell whether an accepted action shows as it should while its host is away."""
    states: tuple[str, str | None]
    states = shown["OS-EXT-STS:vm_state"], shown["OS-EXT-STS:task_state"]
    if entry.is_in_place:
        is_reset = entry.end(vm_state) != vm_state or entry.name.startswith("reset")
        return states == (entry.end(vm_state), None if is_reset else task_state)
    if task_state in ("deleting", "soft-deleting"):
        return states[0] == vm_state
    step = "deleting" if entry.end(vm_state) == "deleted" else entry.step
    return states[0] == vm_state and step in {None, states[1]}


@pytest.mark.parametrize("entry", LAUNCHED, ids=str)
def test_a_server_that_never_ran_is_refused(
    hostless: Cluster, server_id: str, entry: Legality
) -> None:
    launched_at = hostless.show(server_id)["OS-SRV-USG:launched_at"].replace("T", " ")
    put(hostless, server_id, min(entry.leads), None)
    hostless.set_server(server_id, "launched_at = NULL")
    try:
        answer = walks.ask(hostless, server_id, entry)
        word = entry.word or entry.key
        said = f"Instance {server_id} is in an invalid state for '{word}'"
        assert refusal(answer) == said
    finally:
        hostless.set_server(server_id, "launched_at = :then", then=launched_at)


@pytest.mark.parametrize(
    "where", ["vm_state = 'paused'", "task_state = 'pausing'", "launched_at = NULL"]
)
def test_no_image_is_looked_up_if_a_rescue_cannot_start(
    hostless: Cluster, server_id: str, where: str
) -> None:
    launched_at = hostless.show(server_id)["OS-SRV-USG:launched_at"].replace("T", " ")
    hostless.set_server(server_id, where)
    rescue = {"rescue": {"rescue_image_ref": UNKNOWN_IMAGE}}
    try:
        assert act(hostless, server_id, rescue).status_code == 409
    finally:
        hostless.set_server(server_id, "launched_at = :then", then=launched_at)


@pytest.mark.parametrize("key", ["os-stop", "os-start"])
def test_a_server_without_a_host_is_not_ready(
    hostless: Cluster, server_id: str, key: str
) -> None:
    """In any state. A lock is reported first, though."""
    hostless.set_server(server_id, "host = NULL, vm_state = 'paused'")
    try:
        ready = f"Instance {server_id} is not ready"
        assert refusal(act(hostless, server_id, {key: None})) == ready
        hostless.set_server(server_id, "locked = true, locked_by = 'owner'")
        locked = f"Instance {server_id} is locked"
        assert refusal(act(hostless, server_id, {key: None})) == locked
    finally:
        hostless.set_server(server_id, "host = 'host-1', locked = false")


@pytest.mark.parametrize(
    ("status", "reboot", "steps"),
    [
        ("REBOOT", "SOFT", ["rebooting", "reboot_pending", "reboot_started"]),
        (
            "HARD_REBOOT",
            "HARD",
            ["rebooting_hard", "reboot_pending_hard", "reboot_started_hard"],
        ),
    ],
)
def test_a_reboot_is_shown_in_the_status(
    hostless: Cluster, server_id: str, status: str, reboot: str, steps: list[str]
) -> None:
    assert act(hostless, server_id, {"reboot": {"type": reboot}}).status_code == 202

    for step in steps:
        if step != steps[0]:
            put(hostless, server_id, "active", step)
        assert hostless.show(server_id)["status"] == status
        for path in ("/servers", "/servers/detail"):
            found = hostless.ask("GET", f"{path}?status={status.lower()}").json()
            assert [each["id"] for each in found["servers"]] == [server_id]
        for other in {"REBOOT", "HARD_REBOOT"} - {status}:
            found = hostless.ask("GET", f"/servers?status={other}").json()
            assert found == {"servers": []}
        # As in Nova, where the filter ACTIVE finds servers with any task.
        found = hostless.ask("GET", "/servers?status=ACTIVE").json()
        assert [each["id"] for each in found["servers"]] == [server_id]

    put(hostless, server_id, "stopped", steps[0])
    assert hostless.show(server_id)["status"] == "SHUTOFF"


@pytest.mark.parametrize(
    ("vm_state", "task_state", "changeable"),
    [
        ("active", "suspending", True),
        ("suspended", "resuming", True),
        ("stopped", "powering-on", True),
        ("rescued", None, False),
        ("rescued", "unrescuing", False),
        ("error", None, False),
    ],
)
def test_metadata_and_tags_depend_on_the_state_but_not_the_task(
    hostless: Cluster,
    server_id: str,
    vm_state: str,
    task_state: str | None,
    changeable: bool,
) -> None:
    put(hostless, server_id, vm_state, task_state)

    written = hostless.ask(
        "PUT", f"/servers/{server_id}/metadata/a", {"meta": {"a": "b"}}
    )
    tagged = hostless.ask("PUT", f"/servers/{server_id}/tags/a", version="2.26")

    if changeable:
        assert written.status_code == 200
        assert tagged.status_code in (201, 204)
    else:
        begins = f"Cannot 'update metadata' instance {server_id} while it is in"
        assert refusal(written) == f"{begins} vm_state {vm_state}"
        assert refusal(tagged) == (
            f"Cannot 'update tag' instance {server_id} while it is in vm_state "
            f"{vm_state}"
        )

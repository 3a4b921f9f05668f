# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""From which states each action starts, and what is said of all others.

The host is stopped, so what is accepted waits, and users see its first step.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster
from tests.tick_image import TICK

UNKNOWN_IMAGE = "11111111-2222-4333-8444-555555555555"
VM_STATES = [str(state) for state in VMState if state is not VMState.DELETED]
TASK_STATES = [str(state) for state in TaskState]


@dataclasses.dataclass(frozen=True)
class Nova:
    """What Nova 34 says of an action (its ``compute_api/api.py``)."""

    body: Any
    word: str
    vm_states: frozenset[str]
    first_step: str
    takes_over: frozenset[str] = frozenset()
    status: int = 202

    def __str__(self) -> str:
        return self.first_step


ACTIONS = [
    Nova({"pause": None}, "pause", frozenset({"active"}), "pausing"),
    Nova({"unpause": None}, "unpause", frozenset({"paused"}), "unpausing"),
    Nova({"suspend": None}, "suspend", frozenset({"active"}), "suspending"),
    Nova({"resume": None}, "resume", frozenset({"suspended"}), "resuming"),
    Nova({"os-stop": None}, "stop", frozenset({"active", "error"}), "powering-off"),
    Nova({"os-start": None}, "start", frozenset({"stopped"}), "powering-on"),
    Nova({"reboot": {"type": "SOFT"}}, "reboot", frozenset({"active"}), "rebooting"),
    Nova(
        {"reboot": {"type": "HARD"}},
        "reboot",
        frozenset({"active", "stopped", "paused", "suspended", "error"}),
        "rebooting_hard",
        frozenset(
            {
                *("rebooting", "reboot_pending", "reboot_started", "rebooting_hard"),
                *("pausing", "unpausing", "suspending", "resuming"),
            }
        ),
    ),
    Nova(
        {"rescue": None},
        "rescue",
        frozenset({"active", "stopped", "error"}),
        "rescuing",
        status=200,
    ),
    Nova({"unrescue": None}, "unrescue", frozenset({"rescued"}), "unrescuing"),
    Nova(
        {"rebuild": {"imageRef": TICK}},
        "rebuild",
        frozenset({"active", "stopped", "error"}),
        "rebuilding",
    ),
]


@pytest.fixture(scope="module")
def hostless(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A cluster whose only host is not running."""
    folder = tmp_path_factory.mktemp("hostless")
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, rabbitmq.new_vhost(), connection) as running:
        running.create_server()
        running.stop_host()
        yield running


@pytest.fixture
def server_id(hostless: Cluster) -> str:
    path = "/servers?all_tenants=1&soft_deleted=yes"
    (server,) = hostless.ask("GET", path, token="admin").json()["servers"]
    found: str = server["id"]
    put(hostless, found, "active", None)
    return found


def put(cluster: Cluster, server_id: str, vm_state: str, task: str | None) -> None:
    cluster.set_server(
        server_id,
        "vm_state = :vm_state, task_state = :task, claim_request_id = :claim",
        vm_state=vm_state,
        task=task,
        claim=task and "req-of-another",
    )


def act(cluster: Cluster, server_id: str, body: Any) -> requests.Response:
    return cluster.ask("POST", f"/servers/{server_id}/action", body)


def refusal(answer: requests.Response) -> str:
    assert answer.status_code == 409, answer.text
    message: str = answer.json()["conflictingRequest"]["message"]
    return message


@pytest.mark.parametrize("nova", ACTIONS, ids=str)
def test_an_action_starts_where_novas_does(
    hostless: Cluster, server_id: str, nova: Nova
) -> None:
    begins = f"Cannot '{nova.word}' instance {server_id} while it is in"
    for vm_state in VM_STATES:
        for task_state in (None, *TASK_STATES):
            put(hostless, server_id, vm_state, task_state)

            answer = act(hostless, server_id, nova.body)

            where = (vm_state, task_state)
            if vm_state not in nova.vm_states:
                assert refusal(answer) == f"{begins} vm_state {vm_state}", where
            elif task_state not in nova.takes_over | {None}:
                assert refusal(answer) == f"{begins} task_state {task_state}", where
            else:
                assert answer.status_code == nova.status, where
                shown = hostless.show(server_id)
                assert shown["OS-EXT-STS:vm_state"] == vm_state
                assert shown["OS-EXT-STS:task_state"] == nova.first_step


@pytest.mark.parametrize("nova", ACTIONS, ids=str)
def test_one_that_never_ran_is_refused(
    hostless: Cluster, server_id: str, nova: Nova
) -> None:
    launched_at = hostless.show(server_id)["OS-SRV-USG:launched_at"].replace("T", " ")
    put(hostless, server_id, sorted(nova.vm_states)[0], None)
    hostless.set_server(server_id, "launched_at = NULL")
    try:
        said = f"Instance {server_id} is in an invalid state for '{nova.word}'"
        assert refusal(act(hostless, server_id, nova.body)) == said
    finally:
        hostless.set_server(server_id, "launched_at = :then", then=launched_at)


@pytest.mark.parametrize(
    "where", ["vm_state = 'paused'", "task_state = 'pausing'", "launched_at = NULL"]
)
def test_no_image_is_looked_for_where_a_rescue_cannot_start(
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
    """Whatever its state; but a lock is said first."""
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
def test_a_reboot_is_seen_in_the_status(
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
        # As in Nova, whose ACTIVE is of any task.
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
def test_metadata_and_tags_go_by_the_state_and_not_by_the_task(
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

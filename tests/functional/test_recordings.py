# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every exchange recorded from Nova 34, replayed to minova in the same order.

The test compares the status, the headers that a client reads, and the body with the
order of its keys. It ignores names and times (``tests/recording.py``). Intended
differences are in ``recorded_differences.py``; ``docs/differences-from-nova.md``
explains them.
"""

import json
import pathlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from tests import cluster as clusters
from tests import real_servers, recording
from tests.cluster import Cluster
from tests.functional import recorded_differences
from tests.recording import Recording
from tests.tick_image import TICK

RECORDINGS = [
    Recording.read(file)
    for file in sorted((pathlib.Path(__file__).parent / "recordings").glob("*.txt"))
]
ADMINS = frozenset(
    {
        *("009", "100", "101", "103", "104", "106", "107", "110", "124", "125", "127"),
        *("131", "133", "139", "145"),
    }
)
# A user of another project, and a token that Keystone would not know.
TOKENS = {"044": "eve:other", "046": "eve:other", "043": "nonsense:nonsense"}
WITHOUT_TOKEN = frozenset({"021", "022", "023", "024", "062", "065"})

# Properties of the recorded image. Servers show them since 2.98.
IMAGE_PROPERTIES = {
    "hw_rng_model": "virtio",
    "os_command_line": "console=ttyS0 quiet panic=-1",
    "hw_machine_type": "pc",
    "hw_cdrom_bus": "ide",
    "hw_disk_bus": "virtio",
    "hw_video_model": "virtio",
    "hw_vif_model": "virtio",
    "kernel_id": "d9ef17dc-2715-486d-8756-92e0be6717b9",
    "ramdisk_id": "b7f9650a-e44a-4525-a9cb-a69773a129ed",
    # openstackclient adds these to each image that it makes. No server shows them.
    "owner_specified.openstack.object": "images/minova-tick",
}


_LEADS_TO = {"PAUSED": "pause", "SUSPENDED": "suspend", "SHUTOFF": "os-stop"}
_LEAVES = {"PAUSED": "unpause", "SUSPENDED": "resume", "SHUTOFF": "os-start"}
# The state of the server before a recorded request, if not ACTIVE.
_STARTS_FROM = dict.fromkeys(
    [recorded.number for recorded in RECORDINGS if "003" <= recorded.number <= "014"],
    "PAUSED",
) | {"148": "SUSPENDED", "151": "SHUTOFF"}


class Stage:
    """One server of the user demo, and its state between two recordings."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.server_id = ""
        self.first_pause = ""

    @property
    def replace(self) -> dict[str, str]:
        """Replace recorded names with those of this run."""
        return {
            recording.SERVER: self.server_id,
            recording.IMAGE: TICK,
            recording.PROJECT: "demo",
            recording.PAUSE: self.first_pause,
        }

    def act(self, action: str, token: str = "demo:demo") -> None:
        path = f"/servers/{self.server_id}/action"
        answer = self.cluster.ask("POST", path, {action: None}, token=token)
        assert answer.status_code == 202, answer.text

    def bring_to(self, status: str) -> None:
        def settled() -> bool:
            return not self.cluster.show(self.server_id)["OS-EXT-STS:task_state"]

        real_servers.wait_until(settled, 20, "nothing is being done")
        now = self.cluster.show(self.server_id)["status"]
        if now not in (status, "ACTIVE"):
            self.act(_LEAVES[now])
            self.cluster.wait_for(self.server_id, "ACTIVE")
        if status not in (now, "ACTIVE"):
            self.act(_LEADS_TO[status])
        self.cluster.wait_for(self.server_id, status)

    def sql(self, statement: str, *values: str) -> None:
        database = self.cluster.connection.removeprefix("sqlite:///")
        with sqlite3.connect(database, timeout=30) as connection:
            connection.execute(statement, values)
        connection.close()

    def set_server(self, assignments: str) -> None:
        self.cluster.set_server(self.server_id, assignments)

    def await_end(self) -> None:
        def gone() -> bool:
            answer = self.cluster.ask("GET", f"/servers/{self.server_id}")
            return answer.status_code == 404

        real_servers.wait_until(gone, 20, "the server is gone")


def _token(recorded: Recording) -> str | None:
    number = recorded.number
    if number in WITHOUT_TOKEN:
        return None
    is_admin = "-admin-" in recorded.name or number in ADMINS
    return TOKENS.get(number, "admin" if is_admin else "demo:demo")


def _set_scene(stage: Stage, number: str) -> None:
    """Repeat what happened to the server between two recordings."""
    if number == "136":
        stage.act("lock")
    elif number == "139":
        stage.act("unlock")
    elif number == "142":
        stage.act("unlock", "admin")
        stage.set_server("task_state = 'rebooting', claim_request_id = 'req-lost'")
        # Otherwise n-cpu would settle the claim.
        stage.set_server("claimed_at = '2101-01-01 00:00:00.000000'")
    elif number == "145":
        stage.set_server("host = NULL, task_state = 'pausing'")
    elif number == "146":
        stage.set_server("host = 'host-1', task_state = NULL, claim_request_id = NULL")
    if "002" <= number < "136" or "146" <= number < "157":
        stage.bring_to(_STARTS_FROM.get(number, "ACTIVE"))


@pytest.fixture(scope="module")
def stage(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("recordings")
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, rabbitmq.new_vhost(), connection) as running:
        image = folder / "images" / "minova-tick" / "image.json"
        described = json.loads(image.read_text()) | {"properties": IMAGE_PROPERTIES}
        image.write_text(json.dumps(described))
        stage = Stage(running)
        stage.sql(
            "INSERT INTO flavor_extra_specs (flavorid, key, value) VALUES (?, ?, ?)",
            *("42", "hw_rng:allowed", "True"),
        )
        quotas = {"quota_set": {"instances": 10, "cores": 20, "ram": 51200}}
        answer = running.ask("PUT", "/os-quota-sets/demo", quotas, token="admin")
        assert answer.status_code == 200, answer.text
        yield stage


@pytest.mark.parametrize("recorded", RECORDINGS, ids=lambda each: each.name)
def test_recording(stage: Stage, recorded: Recording) -> None:
    number = recorded.number
    _set_scene(stage, number)

    answer = recorded.send(stage.cluster.url, _token(recorded), stage.replace)

    if number in recorded_differences.OF_KEYSTONE:
        assert answer.status_code == recorded_differences.OF_KEYSTONE[number]
        return
    if number == "001":
        stage.server_id = answer.json()["server"]["id"]
    if number == "002":
        stage.first_pause = answer.headers["x-openstack-request-id"]
    got = recording.told(answer.status_code, answer.headers, answer.text)
    expected = recorded_differences.expected(recorded)
    assert _as_text(number, got) == _as_text(number, expected)
    if number == "155":
        stage.await_end()


def _as_text(number: str, told: Any) -> str:
    """Return text, to compare the order of the keys too."""
    return json.dumps(recorded_differences.comparable(number, told), indent=1)

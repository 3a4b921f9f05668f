# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Each action as both logs and the row show it.

The lines and their order are those of a recorded Nova 34, where it has them. Minova
does not log Nova's internals (Neutron, the XML of guests, locks). Guests are those of
libvirt's test driver, which power off as soon as they are asked to.
"""

import dataclasses
import datetime
import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from minova.cmd.cli.main import main
from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster
from tests.real_servers import wait_until
from tests.tick_image import TICK

_LINE = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) "
    r"(?P<level>[A-Z]+) minova\.(?P<logger>\S+) \[[^]]*\] "
    r"(?:\[instance: (?P<server>[0-9a-f-]{36})\] )?"
    r"(?P<message>.*?)(?: \{\{\(pid=\d+\) \w+ \S+\}\})?$"
)

_CHECKS = "DEBUG compute.manager: Checking state"
_DESTROYED = "INFO virt.libvirt.driver: Instance destroyed successfully."
_REBOOTED = "INFO virt.libvirt.driver: Instance rebooted successfully."
_RUNS = "INFO virt.libvirt.driver: Instance running successfully."
_SHUT_DOWN = "INFO virt.libvirt.driver: Instance shutdown successfully"

_BUILDS = [
    "INFO virt.libvirt.driver: Deleting instance files /.*",
    "INFO virt.libvirt.driver: Deletion of /.* complete",
    "DEBUG virt.libvirt.driver: There is no guest to destroy",
    "DEBUG virt.libvirt.driver: Creating instance directory",
    r"INFO virt.libvirt.driver: Creating image\(s\)",
    "DEBUG virt.libvirt.driver: Guest created on hypervisor",
]

_ASLEEP = ("suspended", None, 4)
_OFF = ("stopped", None, 4)
_ON = ("active", None, 1)


@dataclasses.dataclass(frozen=True)
class Story:
    """One action.

    Attributes:
        api: what n-api logs besides the lines of every action.
        host: all lines of n-cpu under the request's id.
        states: the row's states in order: vm_state, task_state, power_state.
    """

    body: dict[str, Any]
    name: str
    host: list[str]
    states: list[tuple[str, str | None, int]]
    api: tuple[str, ...] = ()
    status: int = 202
    method: str = ""

    def __str__(self) -> str:
        told = self.body.get("reboot") or self.body.get("resize") or {}
        return "-".join([self.name, *told.values(), self.states[0][0]])

    @property
    def cast(self) -> str:
        return self.method or f"{self.name}_instance"


def _resize(flavor: str) -> Story:
    return Story(
        {"resize": {"flavorRef": flavor}},
        "resize",
        [
            "INFO compute.manager: Migrating",
            _SHUT_DOWN + " after 0 seconds.",
            _DESTROYED,
            _RUNS,
            _CHECKS,
        ],
        [
            ("active", "resize_prep", 1),
            ("active", "resize_migrating", 1),
            ("active", "resize_migrated", 1),
            ("active", "resize_finish", 1),
            ("resized", None, 1),
        ],
        method="prep_resize",
    )


# In this order, for one server.
STORIES = [
    Story(
        {"suspend": None},
        "suspend",
        [_CHECKS],
        [("active", "suspending", 1), _ASLEEP],
    ),
    Story(
        {"resume": None},
        "resume",
        [
            "INFO compute.manager: Resuming",
            _RUNS,
            r"DEBUG virt.libvirt.guest: Time updated to: \d+\.\d{9}",
            _CHECKS,
        ],
        [("suspended", "resuming", 4), _ON],
    ),
    Story(
        {"os-stop": None},
        "stop",
        [
            _CHECKS,
            "DEBUG compute.manager: Stopping instance; current vm_state: active, "
            "current task_state: powering-off, current DB power_state: 1, current VM "
            "power_state: 1",
            _SHUT_DOWN + " after 0 seconds.",
            _DESTROYED,
            _CHECKS,
        ],
        [("active", "powering-off", 1), _OFF],
        api=("DEBUG compute.api: Going to try to stop instance",),
    ),
    Story(
        {"rebuild": {"imageRef": TICK}},
        "rebuild",
        [
            "INFO compute.manager: Rebuilding instance",
            r"INFO virt.libvirt.driver: Instance already shutdown\.",
            _DESTROYED,
            _DESTROYED,
            *_BUILDS,
            "INFO compute.manager: bringing vm to original state: 'stopped'",
            _DESTROYED,
            _CHECKS,
        ],
        [
            ("stopped", "rebuilding", 4),
            ("stopped", "rebuild_block_device_mapping", 4),
            ("stopped", "rebuild_spawning", 4),
            ("stopped", "powering-off", 4),
            _OFF,
        ],
    ),
    Story(
        {"os-start": None},
        "start",
        [_DESTROYED, _REBOOTED, _CHECKS],
        [("stopped", "powering-on", 4), _ON],
        api=("DEBUG compute.api: Going to try to start instance",),
    ),
    Story(
        {"rebuild": {"imageRef": TICK}},
        "rebuild",
        [
            "INFO compute.manager: Rebuilding instance",
            _SHUT_DOWN + " after 0 seconds.",
            _DESTROYED,
            _DESTROYED,
            *_BUILDS,
            _CHECKS,
        ],
        [
            ("active", "rebuilding", 1),
            ("active", "rebuild_block_device_mapping", 1),
            ("active", "rebuild_spawning", 1),
            _ON,
        ],
    ),
    Story(
        {"reboot": {"type": "HARD"}},
        "reboot",
        [
            "INFO compute.manager: Rebooting instance",
            _CHECKS,
            _DESTROYED,
            _REBOOTED,
            _CHECKS,
        ],
        [
            ("active", "rebooting_hard", 1),
            ("active", "reboot_pending_hard", 1),
            ("active", "reboot_started_hard", 1),
            _ON,
        ],
    ),
    Story(
        {"reboot": {"type": "SOFT"}},
        "reboot",
        [
            "INFO compute.manager: Rebooting instance",
            _CHECKS,
            _SHUT_DOWN + r"\.",
            _RUNS,
            "INFO virt.libvirt.driver: Instance soft rebooted successfully.",
            _CHECKS,
        ],
        [
            ("active", "rebooting", 1),
            ("active", "reboot_pending", 1),
            ("active", "reboot_started", 1),
            _ON,
        ],
    ),
    Story(
        {"rescue": None},
        "rescue",
        [
            "INFO compute.manager: Rescuing",
            _SHUT_DOWN + " after 0 seconds.",
            _DESTROYED,
            "INFO virt.libvirt.driver: Attempting rescue",
            _DESTROYED,
            r"INFO virt.libvirt.driver: Creating image\(s\)",
            _CHECKS,
        ],
        [("active", "rescuing", 1), ("rescued", None, 1)],
        status=200,
    ),
    Story(
        {"unrescue": None},
        "unrescue",
        ["INFO compute.manager: Unrescuing", _DESTROYED, _CHECKS],
        [("rescued", "unrescuing", 1), _ON],
    ),
    _resize("1"),
    Story(
        {"confirmResize": None},
        "confirmResize",
        [r"DEBUG compute.manager: Going to confirm migration \d+", _CHECKS],
        [("resized", "resize_confirming", 1), _ON],
        status=204,
        method="confirm_resize",
    ),
    _resize("42"),
    Story(
        {"revertResize": None},
        "revertResize",
        [
            _DESTROYED,
            _RUNS,
            "INFO compute.manager: Updating instance to original state: 'active'",
            _CHECKS,
        ],
        [("resized", "resize_reverting", 1), _ON],
        method="revert_resize",
    ),
]


class Told:
    """A cluster with one server, and a list of all states of its row."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.server_id = cluster.create_server()
        self._sql(
            "CREATE TABLE seen (vm_state TEXT, task_state TEXT, power_state INTEGER)"
        )
        self._sql(
            "CREATE TRIGGER see AFTER UPDATE OF task_state ON instances BEGIN INSERT "
            "INTO seen VALUES (NEW.vm_state, NEW.task_state, NEW.power_state); END"
        )

    def _sql(self, statement: str) -> list[Any]:
        path = self.cluster.connection.removeprefix("sqlite:///")
        with sqlite3.connect(path, timeout=30) as connection:
            return connection.execute(statement).fetchall()

    def states(self) -> list[Any]:
        return self._sql("SELECT vm_state, task_state, power_state FROM seen")

    def forget(self) -> None:
        self._sql("DELETE FROM seen")

    def ask(self, body: dict[str, Any], status: int = 202) -> str:
        """Have an action done and return its request id."""
        path = f"/servers/{self.server_id}/action"
        answer = self.cluster.ask("POST", path, body)
        assert answer.status_code == status, answer.text
        wait_until(
            lambda: not self.cluster.show(self.server_id)["OS-EXT-STS:task_state"],
            20,
            "it is done",
        )
        request_id: str = answer.headers["x-openstack-request-id"]
        return request_id

    def api_lines(self, request_id: str) -> list[str]:
        lines = self.cluster.api_log().splitlines()
        return [_short(line) for line in lines if request_id in line]

    def host_lines(self, of: str) -> list[str]:
        lines = self.cluster.log_of("host-1").read_text().splitlines()
        return [line for line in lines if of in line]


def _short(line: str) -> str:
    found = _LINE.match(line)
    assert found is not None, line
    return f"{found['level']} {found['logger']}: {found['message']}"


def _assert_are(lines: list[str], patterns: list[str]) -> None:
    assert len(lines) == len(patterns), "\n".join(lines)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


@pytest.fixture(scope="module")
def told(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("told")
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, rabbitmq.new_vhost(), connection) as running:
        yield Told(running)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_story(told: Told, story: Story) -> None:
    told.forget()

    request_id = told.ask(story.body, story.status)

    before, first = story.states[0][0], story.states[0][1]
    _assert_are(
        told.api_lines(request_id),
        [
            "DEBUG api.openstack.wsgi: Action: 'action', calling method: .*",
            "DEBUG compute.api: Fetching instance by UUID",
            *story.api,
            f"DEBUG compute.api: Claimed for {story.name}: vm_state {before}, "
            f"task_state None -> {first}",
            f"DEBUG rpc: CAST {story.cast} exchange 'minova' routing key "
            r"'compute\.host-1' message id [0-9a-f]{32}",
            r"INFO api\.openstack\.requestlog: 127\.0\.0\.1 "
            rf'"POST /v2\.1/servers/{told.server_id}/action" status: {story.status} '
            r"len: \d+ microversion: 2\.1 time: \d+\.\d{6}",
        ],
    )
    lines = told.host_lines(request_id)
    assert all(f"[instance: {told.server_id}]" in line for line in lines)
    _assert_are([_short(line) for line in lines], story.host)
    assert told.states() == story.states


def test_a_deferred_delete_and_its_restore(told: Told) -> None:
    told.cluster.stop_api()
    told.cluster.start_api(reclaim_instance_interval="3600")
    told.forget()

    deleted = told.cluster.ask("DELETE", f"/servers/{told.server_id}")
    told.cluster.wait_for(told.server_id, "SOFT_DELETED")

    request_id = deleted.headers["x-openstack-request-id"]
    _assert_are(
        told.api_lines(request_id),
        [
            "DEBUG api.openstack.wsgi: Calling method '.*'",
            "DEBUG compute.api: Fetching instance by UUID",
            "DEBUG compute.api: Going to try to soft delete instance",
            "DEBUG compute.api: Claimed for delete: vm_state active, task_state None "
            "-> soft-deleting",
            r"DEBUG rpc: CAST soft_delete_instance exchange .*",
            rf'INFO .* "DELETE /v2\.1/servers/{told.server_id}" status: 204 .*',
        ],
    )
    lines = told.host_lines(request_id)
    _assert_are([_short(line) for line in lines], [_DESTROYED, _CHECKS])
    off = ("soft-delete", None, 4)
    assert told.states() == [("active", "soft-deleting", 1), off]
    restore = Story(
        {"restore": None},
        "restore",
        [_DESTROYED, _REBOOTED, _CHECKS],
        [("soft-delete", "restoring", 4), _ON],
    )
    test_a_story(told, restore)


@pytest.mark.parametrize(
    "bodies",
    [
        [{"suspend": None}, {"resume": None}],
        [{"os-stop": None}, {"os-start": None}],
        [{"reboot": {"type": "HARD"}}],
    ],
    ids=["resume", "start", "reboot"],
)
def test_a_start_event_is_logged_during_or_after_its_action(
    told: Told, bodies: list[dict[str, Any]]
) -> None:
    """The line comes from another thread, as in Nova.

    The running action is left alone.
    """
    seen = len(told.host_lines(told.server_id))
    for body in bodies:
        told.ask(body)

    def events() -> list[str]:
        lines = told.host_lines(told.server_id)[seen:]
        return [_short(line) for line in lines if " None None] " in line]

    synchronizing = "DEBUG compute.manager: Synchronizing instance power state after "
    wait_until(
        lambda: any(line.startswith(synchronizing) for line in events()), 5, "handled"
    )
    assert "INFO compute.manager: VM Started (Lifecycle Event)" in events()
    assert not any("WARNING" in line for line in events())
    assert told.cluster.show(told.server_id)["status"] == "ACTIVE"


def test_a_stop_event_is_logged_after_15_seconds(told: Told) -> None:
    told.ask({"os-stop": None})
    told.ask({"os-start": None})
    suspended = told.ask({"suspend": None})

    def stops() -> list[str]:
        lines = told.host_lines(told.server_id)
        return [line for line in lines if "VM Stopped (Lifecycle Event)" in line]

    assert stops() == []
    wait_until(lambda: bool(stops()), 25, "the end of the guest is told of")

    (line,) = stops()
    done = told.host_lines(suspended)[-1]
    assert datetime.timedelta(seconds=14) < _time(line) - _time(done)
    # The guest is where the row says.
    assert told.cluster.show(told.server_id)["status"] == "SUSPENDED"
    assert told.states()[-1] == _ASLEEP


def _time(line: str) -> datetime.datetime:
    found = _LINE.match(line)
    assert found is not None
    return datetime.datetime.fromisoformat(found["time"])


def test_trace_shows_a_pause_from_the_post_to_the_end(told: Told) -> None:
    # The other server is in the state that the last test left.
    told.server_id = told.cluster.create_server("traced")
    request_id = told.ask({"pause": None})
    told.ask({"unpause": None})
    folder = str(told.cluster.log_of("host-1").parent.parent)

    def trace(*asked: str) -> Result:
        where = ["--logs", folder, "--api", told.cluster.url]
        return CliRunner().invoke(main, ["trace", *asked, *where])

    wait_until(
        lambda: "Synchronizing instance power state" in trace("--last").stdout,
        5,
        "the event of the unpause is traced",
    )
    shown = json.loads(trace(request_id, "--json").stdout)

    messages = [line["message"] for line in shown]
    assert '{"pause": null}' in messages[0]
    assert [line["since_start"] for line in shown] == sorted(
        line["since_start"] for line in shown
    )
    of_host = [line for line in shown if line["service"] == "n-cpu"]
    assert {line["host"] for line in of_host} == {"host-1"}
    assert of_host[0]["message"] == "Pausing"
    # The line of the 202 and the host's lines may come in either order.
    own = [
        line
        for line in shown
        if line["request_id"] == request_id and line["service"] != "n-api"
    ]
    assert own[-2]["message"] == "Checking state"
    assert own[-1]["message"] == "compute_pause_instance: Success"
    assert "VM Paused (Lifecycle Event)" in messages
    assert "VM Resumed (Lifecycle Event)" not in messages
    assert "Unpausing" in trace("--last").stdout

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows with unknown words, from a later version or written by hand.

Such a row is shown, does no harm to others, and can be deleted.
"""

import itertools
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cluster import Cluster
from tests.real_servers import freeze, wait_until
from tests.tick_image import TICK

_NUMBER = itertools.count()

ACTIONS: list[Any] = [
    {"pause": None},
    {"unpause": None},
    {"suspend": None},
    {"resume": None},
    {"os-stop": None},
    {"os-start": None},
    {"reboot": {"type": "SOFT"}},
    {"reboot": {"type": "HARD"}},
    {"rescue": None},
    {"unrescue": None},
    {"rebuild": {"imageRef": TICK}},
]


class Logs:
    """What both daemons have logged since this object was made."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._seen = (len(cluster.api_log()), len(self._host_log()))

    def _host_log(self) -> str:
        return self._cluster.log_of("host-1").read_text()

    @property
    def api(self) -> str:
        return self._cluster.api_log()[self._seen[0] :]

    @property
    def host(self) -> str:
        return self._host_log()[self._seen[1] :]

    def assert_no_harm(self) -> None:
        for log in (self.api, self.host):
            assert "Traceback" not in log, log
        assert not re.search(r"status: 5\d\d", self.api)


@pytest.fixture
def logs(cluster: Cluster) -> Logs:
    return Logs(cluster)


@pytest.fixture
def server_id(cluster: Cluster, logs: Logs) -> Iterator[str]:
    """A server whose row a test may change. It can be deleted afterwards."""
    server_id = cluster.create_server()
    yield server_id
    assert cluster.ask("DELETE", f"/servers/{server_id}").status_code == 204

    def is_gone() -> bool:
        return cluster.ask("GET", f"/servers/{server_id}").status_code == 404

    wait_until(is_gone, 20, "it is deleted")
    logs.assert_no_harm()


def _read_everywhere(cluster: Cluster, server_id: str) -> dict[str, Any]:
    """Read the row in every way, and return the server of ``/servers/detail``."""
    for version in ("2.1", "2.104"):
        for path in (
            f"/servers/{server_id}",
            "/servers",
            "/servers/detail",
            "/servers?status=ACTIVE",
            "/servers?status=ERROR&status=REBOOT",
            "/servers?vm_state=folded",
            "/servers?task_state=folding&sort_key=vm_state",
            "/servers?power_state=99",
            f"/servers/{server_id}/os-instance-actions",
            f"/servers/{server_id}/metadata",
            f"/servers/{server_id}/ips",
            "/os-hypervisors/detail",
            "/os-services",
            "/limits",
            "/flavors/detail",
        ):
            answer = cluster.ask("GET", path, token="admin:demo", version=version)
            assert answer.status_code == 200, (path, answer.text)
    (shown,) = (
        each
        for each in cluster.ask("GET", "/servers/detail").json()["servers"]
        if each["id"] == server_id
    )
    assert isinstance(shown, dict)
    return shown


def test_a_vm_state(cluster: Cluster, server_id: str, logs: Logs) -> None:
    word = f"folded-{next(_NUMBER)}"
    cluster.set_server(server_id, "vm_state = :word", word=word)

    shown = _read_everywhere(cluster, server_id)

    assert shown["status"] == "UNKNOWN"
    assert shown["OS-EXT-STS:vm_state"] == word
    assert "progress" not in shown
    for version, code in (("2.1", 200), ("2.38", 400)):
        asked = cluster.ask("GET", "/servers?status=UNKNOWN", version=version)
        assert asked.status_code == code, asked.text
    assert asked.json()["badRequest"]["message"] == "Invalid status value"
    body = {"server": {"name": "still mine"}}
    put = cluster.ask("PUT", f"/servers/{server_id}", body)
    assert (put.status_code, put.json()["server"]["status"]) == (200, "UNKNOWN")
    for action in ACTIONS:
        answer = cluster.ask("POST", f"/servers/{server_id}/action", action)
        assert answer.status_code == 409
        assert f"while it is in vm_state {word}" in answer.text
    metadata = {"metadata": {"a": "b"}}
    written = cluster.ask("POST", f"/servers/{server_id}/metadata", metadata)
    assert written.status_code == 409
    said = [line for line in logs.api.splitlines() if f"in vm_state {word}, " in line]
    # Each process logs it once.
    assert 1 <= len(said) <= len(cluster.api_workers())
    assert all(" WARNING minova.vocabulary.vm_states " in line for line in said)


def test_the_guest_of_an_unknown_vm_state_is_left_alone(
    cluster: Cluster, server_id: str, logs: Logs
) -> None:
    cluster.set_server(server_id, "vm_state = 'folded'")
    # Guests of libvirt's test driver end with the process.
    cluster.stop_host()

    cluster.start_host()

    # n-cpu notices that the guest is gone, and does nothing else.
    def is_seen() -> bool:
        return bool(cluster.show(server_id)["OS-EXT-STS:power_state"] == 0)

    wait_until(is_seen, 20, "the guest is looked at")
    assert cluster.show(server_id)["OS-EXT-STS:vm_state"] == "folded"
    other = cluster.create_server()
    cluster.act(other, "pause")
    cluster.wait_for(other, "PAUSED")


def test_a_task_state(cluster: Cluster, server_id: str, logs: Logs) -> None:
    cluster.set_server(
        server_id, "task_state = 'folding', claim_request_id = 'req-of-a-later-one'"
    )

    shown = _read_everywhere(cluster, server_id)

    assert shown["status"] == "ACTIVE"
    assert shown["OS-EXT-STS:task_state"] == "folding"
    for action in ACTIONS:
        answer = cluster.ask("POST", f"/servers/{server_id}/action", action)
        assert answer.status_code == 409
        assert re.search("while it is in (vm_state active|task_state fol)", answer.text)
    # Settling and the power sync each run once a second.
    line = "Cannot settle folding: this version of minova does not know it"
    wait_until(lambda: line in logs.host, 20, "settlement looks at it")
    other = cluster.create_server()
    time.sleep(3)
    assert logs.host.count(line) == 1
    assert logs.host.count(f"{server_id}] During sync_power_state") <= 1
    cluster.act(other, "pause")
    cluster.wait_for(other, "PAUSED")


def test_an_admin_can_reset_it(cluster: Cluster, server_id: str) -> None:
    cluster.set_server(server_id, "vm_state = 'folded', task_state = 'folding'")
    reset = {"os-resetState": {"state": "active"}}

    answer = cluster.ask("POST", f"/servers/{server_id}/action", reset, token="admin")

    assert answer.status_code == 202
    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")


def test_a_power_state(cluster: Cluster, server_id: str) -> None:
    # A claim keeps the power sync away. No host will ever start this claim.
    cluster.set_server(
        server_id,
        "power_state = 99, task_state = 'folding', claim_request_id = 'req-of-another'",
    )

    shown = _read_everywhere(cluster, server_id)

    assert shown["OS-EXT-STS:power_state"] == 99
    path = f"/servers/{server_id}/diagnostics"
    answer = cluster.ask("GET", path, token="admin", version="2.48")
    assert answer.status_code == 409
    cluster.set_server(server_id, "task_state = NULL, claim_request_id = NULL")
    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")
    assert cluster.show(server_id)["OS-EXT-STS:power_state"] == 3


def _set_flavor(cluster: Cluster, server_id: str, **more: Any) -> None:
    flavor = {
        "flavorid": "42",
        "name": "m1.nano",
        "memory_mb": 128,
        "vcpus": 1,
        "root_gb": 1,
    } | more
    cluster.set_server(server_id, "flavor = :flavor", flavor=json.dumps(flavor))


def test_flavor_properties_of_a_later_version(cluster: Cluster, server_id: str) -> None:
    _set_flavor(cluster, server_id, colour="blue", extra_specs={"a": "b"})

    shown = _read_everywhere(cluster, server_id)

    assert shown["flavor"]["id"] == "42"
    assert cluster.act(server_id, "pause").status_code == 202
    cluster.wait_for(server_id, "PAUSED")


@pytest.mark.parametrize(
    "assignments",
    [
        "disk_config = 'SOMETIMES'",
        "locked = true, locked_by = 'ghost'",
        "metadata = '{\"n\": 1}'",
        'image_properties = \'{"os_shutdown_timeout": "soon", "new": [1]}\'',
        'scheduler_hints = \'{"new": {"a": 1}}\'',
        "trusted_certs = '[1]'",
        "claim_arguments = '{\"new\": 1}'",
    ],
)
def test_other_columns(cluster: Cluster, server_id: str, assignments: str) -> None:
    # A colon would start an SQL parameter.
    text = assignments.replace(":", r"\:")
    cluster.set_server(server_id, text)

    _read_everywhere(cluster, server_id)

    stop = {"os-stop": None}
    answer = cluster.ask(
        "POST", f"/servers/{server_id}/action", stop, token="admin:demo"
    )
    assert answer.status_code == 202
    cluster.wait_for(server_id, "SHUTOFF")
    if "locked" in assignments:
        unlock = {"unlock": None}
        path = f"/servers/{server_id}/action"
        answer = cluster.ask("POST", path, unlock, token="admin")
        assert answer.status_code == 202


def test_a_nic_with_more_properties(cluster: Cluster, server_id: str) -> None:
    nic = {
        "network": "private",
        "mac": "fa:16:3e:00:00:09",
        "address": "10.0.9.15",
        "cidr": "10.0.9.0/24",
        "gateway": "10.0.9.2",
        "mtu": 1500,
    }
    cluster.set_server(server_id, "network_info = :nics", nics=json.dumps([nic]))

    shown = _read_everywhere(cluster, server_id)

    assert shown["addresses"]["private"][0]["addr"] == "10.0.9.15"


@pytest.mark.parametrize("version", ["", "2", "banana", "2.0.1", "99.1"])
def test_an_unknown_rpc_version_of_a_service(
    cluster: Cluster, server_id: str, version: str
) -> None:
    """An unreadable version counts as too old, until the next readable one."""
    engine = sa.create_engine(cluster.connection, poolclass=sa.NullPool)
    word = sa.text("UPDATE services SET rpc_version = :word").bindparams(word=version)
    # Freeze n-cpu, because its next heartbeat would write the right version.
    pids = cluster.host_processes()
    for pid in pids:
        freeze(pid)
    try:
        with engine.begin() as connection:
            connection.execute(word)

        answer = cluster.act(server_id, "suspend")

        assert answer.status_code == 409
        assert "until the nova-compute service of its host is upgraded" in answer.text
        assert cluster.ask("GET", "/os-services", token="admin").status_code == 200
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    wait_until(
        lambda: cluster.act(server_id, "suspend").status_code == 202, 10, "suspend"
    )
    cluster.wait_for(server_id, "SUSPENDED")


def test_unknown_words_in_records_and_hosts(cluster: Cluster, server_id: str) -> None:
    request_id = cluster.act(server_id, "pause").headers["x-openstack-request-id"]
    cluster.wait_for(server_id, "PAUSED")
    engine = sa.create_engine(cluster.connection, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (
            "UPDATE instance_actions SET action = 'fold', message = 'Perhaps'"
            " WHERE request_id = :request_id",
            "UPDATE instance_actions_events SET event = 'fold_instance', result ="
            " 'Perhaps' WHERE action_id IN"
            " (SELECT id FROM instance_actions WHERE request_id = :request_id)",
            "INSERT INTO quotas (class_name, project_id, user_id, resource, hard_limit)"
            " VALUES ('', 'demo', '', :request_id, 3)",
        ):
            text = sa.text(statement)
            connection.execute(text.bindparams(request_id=request_id))

    record = cluster.record(server_id, request_id)

    assert (record["action"], record["events"][0]["result"]) == ("fold", "Perhaps")
    _read_everywhere(cluster, server_id)
    for path in ("/os-quota-sets/demo", "/os-quota-sets/demo/detail"):
        answer = cluster.ask("GET", path, token="admin")
        assert answer.status_code == 200, answer.text
        assert request_id not in answer.text

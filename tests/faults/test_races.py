# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Settling against a late message, and requests against a person with virsh."""

import contextlib
import random
import threading
import time
from collections import Counter
from concurrent import futures

import libvirt
import pytest

from tests import history
from tests.faults.kinds import (
    PAUSE,
    REBOOT_HARD,
    RESCUE,
    RESUME,
    SUSPEND,
    UNPAUSE,
    Asked,
)
from tests.faults.rig import HOST, Rig
from tests.real_servers import wait_until


@pytest.mark.parametrize(
    "asked",
    [PAUSE, UNPAUSE, SUSPEND, RESUME, REBOOT_HARD, RESCUE],
    ids=lambda asked: asked.name,
)
def test_a_message_that_comes_after_its_claim_was_settled(
    on_mariadb: Rig, asked: Asked
) -> None:
    """n-api waits so long between claim and cast that n-cpu settles the claim first."""
    rig = on_mariadb
    rig.points.clear()
    rig.heal()
    rig.bring_to("ACTIVE")
    rig.bring_to(asked.starts_from)
    before = rig.did()
    rig.points.arm("after claim")
    with futures.ThreadPoolExecutor(1) as pool:
        asking = pool.submit(rig.act, asked)
        rig.points.wait_reached("after claim")
        rig.wait_at_rest(30)
        rig.points.go("after claim")
        answer = asking.result()

    assert answer is not None
    assert answer.status_code == asked.accepted
    request_id = answer.headers["x-openstack-request-id"]

    def is_dropped() -> bool:
        log = rig.cluster.log_of(HOST).read_text()
        return any(
            request_id in line and f"Too late to {asked.name}" in line
            for line in log.splitlines()
        )

    wait_until(is_dropped, 10, "the message is dropped with a line")
    record = rig.cluster.record(rig.server_id, request_id)
    assert [event["result"] for event in record["events"]] == ["Success"]
    did = rig.did() - before
    assert {event: did[event] for event in asked.counted if did[event]} == (
        Counter(asked.does)
    )


def test_a_slow_boot_is_not_started_again(on_mariadb: Rig) -> None:
    """n-cpu dies and returns while libvirt waits for the QEMU that it started."""
    rig = on_mariadb
    rig.points.clear()
    rig.heal()
    rig.bring_to("ACTIVE")
    before = rig.did()["BOOTED"]
    with rig.hypervisor.slow():
        answer = rig.act(REBOOT_HARD)
        assert answer is not None
        wait_until(lambda: rig.did()["BOOTED"] > before, 20, "QEMU is started")
        rig.cluster.kill_host()
        rig.start_host()
        time.sleep(2)
    rig.wait_at_rest(30)

    record = rig.cluster.record(rig.server_id, answer.headers["x-openstack-request-id"])
    wait_until(rig.agrees, 30, "guest and row say the same")
    assert rig.did()["BOOTED"] == before + 1, record


def test_a_boot_whose_libvirtd_died_is_done_once(on_mariadb: Rig) -> None:
    """The new libvirtd leaves the guest paused forever, as it was during its start."""
    rig = on_mariadb
    rig.points.clear()
    rig.heal()
    rig.bring_to("ACTIVE")
    before = rig.did()
    with rig.hypervisor.slow():
        answer = rig.act(REBOOT_HARD)
        assert answer is not None
        wait_until(
            lambda: rig.did()["BOOTED"] > before["BOOTED"], 20, "QEMU is started"
        )
        rig.hypervisor.kill()
    rig.heal()
    rig.wait_at_rest(30)

    wait_until(rig.agrees, 30, "guest and row say the same")
    assert rig.hypervisor.status(rig.server_id) == "ACTIVE"
    assert rig.did()["RAN"] <= before["RAN"] + 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "seconds", [8, pytest.param(120, marks=pytest.mark.campaign)], ids="{}s".format
)
def test_requests_while_somebody_uses_virsh(on_mariadb: Rig, seconds: int) -> None:
    """Each request has one end, and finally guest and row agree."""
    rig = on_mariadb
    rig.points.clear()
    rig.heal()
    rig.bring_to("ACTIVE")
    known = len(rig.records())
    ended = threading.Event()

    def meddle() -> None:
        choose = random.Random(6)
        domain = libvirt.open(rig.hypervisor.uri).lookupByUUIDString(rig.server_id)
        while not ended.wait(choose.uniform(0, 0.1)):
            # The guest may already be in that state.
            with contextlib.suppress(libvirt.libvirtError):
                choose.choice((domain.suspend, domain.resume))()

    statuses = set()
    with futures.ThreadPoolExecutor(1) as pool:
        meddling = pool.submit(meddle)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for asked in (PAUSE, UNPAUSE):
                answer = rig.act(asked)
                statuses.add(None if answer is None else answer.status_code)
            time.sleep(0.02)
        ended.set()
        meddling.result()

    assert statuses <= {202, 409}
    rig.wait_at_rest(30)
    new = rig.records()[known:]
    assert {history.result_of(record) for record in new} <= {"Success", "Error"}
    assert all(len(record["events"]) == 1 for record in new)
    # n-cpu may still be handling the last event caused by virsh.
    wait_until(lambda: rig.agrees(by_hand=True), 30, "guest and row say the same")
    # A user can recover the server from any state.
    for status in ("PAUSED", "ACTIVE"):
        rig.bring_to(status)
        wait_until(rig.agrees, 30, "guest and row say the same")

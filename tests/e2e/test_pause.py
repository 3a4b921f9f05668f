# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real pause: the guest visibly stops."""

import re
import subprocess
import time

from tests.e2e.conftest import LIBVIRT, Stack, virsh
from tests.real_servers import wait_until


def test_the_counter_stops_during_a_pause(stack: Stack, server_id: str) -> None:
    stack.act(server_id, "pause")
    stack.wait_for(server_id, "PAUSED")

    assert virsh("domstate", server_id).strip() == "paused"
    time.sleep(0.5)  # output on its way to the console has arrived
    before = stack.tick(server_id)
    time.sleep(4)
    assert stack.tick(server_id) == before

    stack.act(server_id, "unpause")
    stack.wait_for(server_id, "ACTIVE")

    assert virsh("domstate", server_id).strip() == "running"
    wait_until(lambda: stack.tick(server_id) >= before + 2, 15, "the guest ticks on")
    ticks = [
        int(n) for n in re.findall(r"^tick (\d+)$", stack.console(server_id), re.M)
    ]
    assert ticks == list(range(1, len(ticks) + 1))


def test_the_logs_tell_a_pause_and_an_unpause_in_order(
    stack: Stack, server_id: str
) -> None:
    for action, done, state, other in (
        ("pause", "PAUSED", "Paused", "Pausing"),
        ("unpause", "ACTIVE", "Resumed", "Unpausing"),
    ):
        request_id = stack.act(server_id, action)
        stack.wait_for(server_id, done)
        event = f'Synchronizing instance power state after lifecycle event "{state}"'

        def handled(event: str = event) -> bool:
            return event in (stack.logs / "n-cpu.log").read_text()

        wait_until(handled, 10, event)
        assert _in_order(
            (stack.logs / "n-api.log").read_text(),
            request_id,
            f"Action: 'action', calling method: .*, body: {{\"{action}\": null}}",
            "Fetching instance by UUID",
            f"Claimed for {action}",
            r"exchange 'minova' routing key 'compute\..*' message id [0-9a-f]{32}",
            rf'"POST /v2.1/servers/{server_id}/action" status: 202 len: 0 '
            r"microversion: 2.1 time: ",
        )
        cpu = (stack.logs / "n-cpu.log").read_text()
        assert _in_order(cpu, request_id, f"{other}$", "Checking state")
        assert _in_order(
            cpu,
            server_id,
            rf"Emitting event <LifecycleEvent: [0-9.]+, {server_id} => {state}>",
            rf"VM {state} \(Lifecycle Event\)",
            event,
        )


def _in_order(log: str, having: str, *patterns: str) -> bool:
    """Tell whether the lines with ``having`` match the patterns in order."""
    rest = iter(line for line in log.splitlines() if having in line)
    return all(any(re.search(pattern, line) for line in rest) for pattern in patterns)


def test_a_guest_powers_off_when_asked_by_acpi(stack: Stack) -> None:
    """The server follows 15 s later (Nova's delay), and the stop is recorded."""
    server = stack.create("sleeper")
    wait_until(lambda: stack.tick(server) > 0, 60, "the guest ticks")

    virsh("shutdown", server)

    wait_until(lambda: virsh("domstate", server).strip() == "shut off", 20, "it is off")
    stack.wait_for(server, "SHUTOFF", timeout=30)
    assert stack.show(server)["OS-EXT-STS:power_state"] == 4
    actions = stack.ask("GET", f"/servers/{server}/os-instance-actions").json()
    assert actions["instanceActions"][0]["action"] == "stop"
    log = (stack.logs / "n-cpu.log").read_text()
    assert "Instance shutdown by itself. Calling the stop API." in log
    stack.delete(server)


def test_a_pause_with_virsh_is_logged_and_kept(stack: Stack, server_id: str) -> None:
    virsh("suspend", server_id)

    def noticed() -> bool:
        log = (stack.logs / "n-cpu.log").read_text()
        return "Instance is paused unexpectedly. Ignore." in log

    wait_until(noticed, 10, "it is noticed")
    server = stack.show(server_id)
    assert server["OS-EXT-STS:vm_state"] == "active"
    wait_until(
        lambda: stack.show(server_id)["OS-EXT-STS:power_state"] == 3,
        10,
        "power state 3",
    )
    virsh("resume", server_id)
    wait_until(
        lambda: stack.show(server_id)["OS-EXT-STS:power_state"] == 1,
        10,
        "power state 1",
    )


def test_a_libvirt_error_is_a_failure_on_record(stack: Stack) -> None:
    """A guest that is off cannot be paused. vm_state stays, and the event says why."""
    server = stack.create("dead")
    # The guest changed during its creation, so n-cpu checks it again. After that check,
    # n-cpu notices the end of the guest only 15 s later.
    time.sleep(7)
    virsh("destroy", server)

    request_id = stack.act(server, "pause")

    wait_until(
        lambda: not stack.show(server)["OS-EXT-STS:task_state"], 10, "no task is left"
    )
    assert stack.show(server)["OS-EXT-STS:vm_state"] == "active"
    record = stack.ask(
        "GET", f"/servers/{server}/os-instance-actions/{request_id}", admin=True
    ).json()["instanceAction"]
    assert record["message"] == "Error"
    (event,) = record["events"]
    assert event["result"] == "Error"
    assert "libvirtError" in event["traceback"]
    log = (stack.logs / "n-cpu.log").read_text()
    text = "Successfully reverted task state from pausing on failure for instance."
    assert any(text in line and request_id in line for line in log.splitlines())
    assert "Exception during message handling: libvirt.libvirtError" in log
    stack.delete(server)


def test_deleting_a_paused_server(stack: Stack) -> None:
    server = stack.create("short")
    name = virsh("domname", server).strip()
    stack.act(server, "pause")
    stack.wait_for(server, "PAUSED")

    stack.delete(server)

    assert name not in virsh("list", "--all", "--name").split()
    assert not (stack.data_dir / "instances" / server).exists()


def test_a_console_stays_readable_after_its_rollover(stack: Stack) -> None:
    """Virtlogd starts a new file every 2 MiB, which only root can read."""
    _put_flood_image(stack)
    server = stack.create("flood", "minova-flood")
    folder = stack.data_dir / "instances" / server

    wait_until((folder / "console.log.0").exists, 60, "it rolled over")
    wait_until(lambda: stack.tick(server) >= 2, 60, "the guest ticks")

    console = stack.console(server)
    assert 2000 < len(console) <= 102400
    before = stack.tick(server)
    wait_until(lambda: stack.tick(server) > before, 10, "it is read anew")
    stack.delete(server)


def test_n_cpu_reconnects_when_libvirtd_drops_it(stack: Stack, server_id: str) -> None:
    """It does not restart, and receives events again."""
    libvirtd = ("virt-admin", "--connect", "libvirtd:///system")

    def admin(*arguments: str) -> str:
        return subprocess.run(
            [*libvirtd, *arguments], check=True, capture_output=True, text=True
        ).stdout

    # Drop only our own client: this libvirtd may also serve another stack.
    pid = stack.n_cpu_worker()
    clients = re.findall(r"^\s*(\d+)\s+unix", admin("client-list", "libvirtd"), re.M)
    (ours,) = [
        client
        for client in clients
        if f"unix_process_id: {pid}\n" in admin("client-info", "libvirtd", client)
    ]
    admin("client-disconnect", "libvirtd", ours)
    seen = len((stack.logs / "n-cpu.log").read_text())

    def log() -> str:
        return (stack.logs / "n-cpu.log").read_text()[seen:]

    stack.act(server_id, "pause")
    stack.wait_for(server_id, "PAUSED")

    wait_until(lambda: "VM Paused (Lifecycle Event)" in log(), 10, "the event is heard")
    assert f"Connected to {LIBVIRT}" in log()
    assert stack.n_cpu_worker() == pid
    stack.act(server_id, "unpause")
    stack.wait_for(server_id, "ACTIVE")


def _put_flood_image(stack: Stack) -> None:
    """Add the tick image under another name. It first prints 3 MB."""
    tick = stack.data_dir / "images" / "minova-tick"
    flood = stack.data_dir / "images" / "minova-flood"
    flood.mkdir(exist_ok=True)
    description = (tick / "image.json").read_text()
    for old, new in (
        ('"name": "minova-tick"', '"name": "minova-flood"'),
        (stack.image_id(), "11111111-2222-4333-8444-555555555555"),
        ('"kernel": "kernel"', f'"kernel": "{tick}/kernel"'),
        ('"ramdisk": "ramdisk"', f'"ramdisk": "{tick}/ramdisk"'),
        ("quiet", "quiet minova.flood=3000000"),
    ):
        assert old in description
        description = description.replace(old, new)
    (flood / "image.json").write_text(description)

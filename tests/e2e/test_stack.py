# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""stack.sh and unstack.sh, as users run them."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.e2e.conftest import DEPLOYMENT, DEVSTACK, Stack, has_process, virsh
from tests.real_servers import free_port, wait_until

FOREIGN = """
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <os><type>hvm</type></os>
  <devices><memballoon model='none'/></devices>
</domain>
"""


@contextlib.contextmanager
def foreign_domain(tmp_path: pathlib.Path, name: str) -> Iterator[str]:
    """The UUID of a running guest that does not belong to minova."""
    file = tmp_path / "foreign.xml"
    file.write_text(FOREIGN.format(name=name))
    virsh("create", str(file))
    uuid = virsh("domuuid", name).strip()
    try:
        yield uuid
    finally:
        virsh("destroy", uuid)


def test_a_second_run_changes_nothing(stack: Stack) -> None:
    stack.script("stack.sh")

    assert stack.took < 15
    assert "already running and answers" in stack.output


def test_the_five_printed_commands_show_a_pause(stack: Stack) -> None:
    stack.script("stack.sh")
    commands = stack.output[stack.output.index("# 1. create a server") :]

    shown = subprocess.run(
        ["bash", "-c", commands + "\necho; echo made $id"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout

    assert "HTTP/1.1 202 Accepted" in shown
    assert re.search(r"INFO minova\.compute\.manager .* Pausing", shown)
    assert "CAST pause_instance exchange 'minova'" in shown
    assert re.search(r"instance-[0-9a-f]{8}\S*\s+paused", shown)
    stack.delete(shown.split("made ")[1].strip())


def test_it_prints_urls_and_commands(stack: Stack) -> None:
    stack.script("stack.sh")

    assert f"{stack.url}/v2.1" in stack.output
    assert "X-Auth-Token: demo:demo" in stack.output
    assert re.search(r"It took \d+ s", stack.output)


def test_every_user_can_run_the_command(stack: Stack) -> None:
    done = subprocess.run(
        ["setpriv", "--reuid=nobody", "--clear-groups", stack.command, "version"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )

    assert done.stdout.startswith("minova "), done.stderr


def test_another_command_of_that_name_is_left_alone(stack: Stack) -> None:
    stack.command.unlink()
    stack.command.write_text("somebody else's")
    try:
        stack.script("stack.sh")

        assert stack.command.read_text() == "somebody else's"
        assert f"keeping {stack.command}" in stack.output
    finally:
        stack.command.unlink()
        stack.script("stack.sh")


def test_no_daemon_runs_as_root(stack: Stack) -> None:
    owners = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            title = (process / "cmdline").read_bytes().decode(errors="replace")
            session = f"{DEPLOYMENT}/restart_loop.sh" in title.replace("\0", " ")
            compute = f"{DEPLOYMENT}/venv/bin/minova-compute"
            if session or (compute in title and "minova-compute: " in title):
                owners[title.replace("\0", " ")] = process.owner()
    assert owners
    assert set(owners.values()) <= {"minova", "minova-compute"}


def test_only_services_can_read_secrets(stack: Stack) -> None:
    config = stack.conf_dir / "minova.conf"
    mode = stat.S_IMODE(config.stat().st_mode)
    password = re.search(r"rabbit://\S+?:(\w+)@", config.read_text())

    assert (config.owner(), config.group(), oct(mode)) == ("root", "minova", "0o640")
    assert password is not None
    for log in stack.logs.iterdir():
        assert stat.S_IMODE(log.stat().st_mode) & 0o004, f"{log} is not for everybody"
        assert password[1] not in log.read_text(errors="replace")
    for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            assert password[1].encode() not in process.read_bytes()
    assert password[1] not in stack.output


def test_everything_listens_on_the_loopback_only(stack: Stack) -> None:
    listening = subprocess.run(
        ["ss", "--no-header", "--listening", "--tcp", "--numeric"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    ports = {str(stack.port), "5672", "15672", "25672", "4369"}
    seen: dict[str, set[str]] = {}
    for line in listening.splitlines():
        address, _colon, port = line.split()[3].rpartition(":")
        if port in ports:
            seen.setdefault(port, set()).add(address)
    assert set(seen) == ports
    for port, addresses in seen.items():
        assert all(
            re.fullmatch(r"127\..*|\[::1\]|\[::ffff:127\..*\]", address)
            for address in addresses
        ), (port, addresses)


def test_rabbitmq_knows_the_deployment(stack: Stack) -> None:
    def ctl(*arguments: str) -> str:
        return subprocess.run(
            ["rabbitmqctl", "--quiet", *arguments],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    queues = ctl("list_queues", "--vhost", DEPLOYMENT, "name", "type")
    host = os.uname().nodename.split(".")[0]
    assert re.search(rf"compute\.{host}\s+quorum", queues)
    users = dict(
        line.split("\t")[:2] for line in ctl("list_users").splitlines() if "\t" in line
    )
    assert users[DEPLOYMENT] == "[monitoring]"


def test_a_killed_daemon_is_restarted(stack: Stack, server_id: str) -> None:
    before = stack.n_cpu_worker()
    assert before is not None
    os.kill(before, signal.SIGKILL)

    wait_until(lambda: stack.n_cpu_worker() not in {None, before}, 20, "n-cpu is back")
    stack.act(server_id, "pause")
    stack.wait_for(server_id, "PAUSED")
    stack.act(server_id, "unpause")
    stack.wait_for(server_id, "ACTIVE")


def test_one_daemon_is_stopped_and_started_again(stack: Stack) -> None:
    stack.script("unstack.sh", "n-cpu")

    assert stack.n_cpu_worker() is None
    assert stack.ask("GET", "/servers").status_code == 200
    stack.script("unstack.sh", "n-cpu")
    assert "is not running" in stack.output
    stack.script("stack.sh")
    assert stack.n_cpu_worker() is not None


def test_logs_can_be_rotated(stack: Stack, server_id: str) -> None:
    for name in ("n-api.log", "n-cpu.log"):
        (stack.logs / name).rename(stack.logs / f"{name}.1")

    request_id = stack.act(server_id, "pause")
    stack.wait_for(server_id, "PAUSED")
    stack.act(server_id, "unpause")
    stack.wait_for(server_id, "ACTIVE")

    for name in ("n-api.log", "n-cpu.log"):
        log = stack.logs / name
        assert request_id in log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) & 0o004
        (stack.logs / f"{name}.1").unlink()


def test_a_foreign_guest_of_the_same_name_does_no_harm(
    stack: Stack, tmp_path: pathlib.Path
) -> None:
    latest = stack.create("counted")
    number = int(stack.show(latest)["OS-EXT-SRV-ATTR:instance_name"][-8:], 16)
    stack.delete(latest)

    with foreign_domain(tmp_path, f"instance-{number + 1:08x}") as foreign:
        server = stack.create("second")
        shown = stack.show(server)["OS-EXT-SRV-ATTR:instance_name"]
        assert shown == f"instance-{number + 1:08x}"
        stack.act(server, "pause")
        stack.wait_for(server, "PAUSED")
        assert virsh("domstate", foreign).strip() == "running"
        stack.delete(server)
        assert virsh("domstate", foreign).strip() == "running"


def test_a_used_port_is_reported_with_its_process(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = stack.script(
            "stack.sh",
            check=False,
            API_PORT=port,
            DEPLOYMENT="minova-test-2",
            CONF_DIR="/etc/minova-test-2",
        )

    assert done.returncode != 0
    assert f"port {port} is taken by" in done.stdout
    assert f"process {os.getpid()}" in done.stdout


def test_a_used_port_does_not_stop_a_running_stack(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = stack.script("stack.sh", check=False, API_PORT=port)

    assert done.returncode != 0
    assert f"port {port} is taken by" in done.stdout
    assert stack.ask("GET", "/servers").status_code == 200


def test_settings_are_kept_for_the_next_run(stack: Stack) -> None:
    stack.script("stack.sh", API_PORT="", LIBVIRT_TYPE="")

    assert "already running and answers" in stack.output
    assert f"{stack.url}/v2.1" in stack.output


@pytest.mark.parametrize("script", ["stack.sh", "unstack.sh"])
def test_an_unknown_argument_is_refused(stack: Stack, script: str) -> None:
    wrong = stack.script(script, "DATABASE=mysql", check=False)
    usage = stack.script(script, "--help")

    assert wrong.returncode != 0
    assert "unknown argument: DATABASE=mysql" in wrong.stdout
    assert "Usage:" in usage.stdout
    assert stack.ask("GET", "/servers").status_code == 200


def test_a_user_without_root_gets_an_explanation() -> None:
    # Use a copy: other users may be unable to read the checkout.
    done = subprocess.run(
        [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "bash",
            "-s",
        ],
        input=(
            f"DEVSTACK_DIR={DEVSTACK}; "
            + (DEVSTACK / "stackrc").read_text()
            + (DEVSTACK / "lib/reporting").read_text()
            + (DEVSTACK / "lib/machine").read_text()
            + "\nrequire_root\n"
        ),
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "sudo" in done.stdout + done.stderr


def test_guests_keep_running_without_a_stack(stack: Stack, server_id: str) -> None:
    stack.script("unstack.sh")
    assert has_process(server_id)

    stack.script("stack.sh")

    assert stack.show(server_id)["status"] == "ACTIVE"
    before = stack.tick(server_id)
    wait_until(lambda: stack.tick(server_id) > before, 10, "the guest ticks")


def test_a_wider_address_gives_a_warning_and_keeps_the_guard(
    stack: Stack,
) -> None:
    settings: dict[str, Any] = {
        "DEPLOYMENT": "minova-test-wide",
        "API_PORT": str(free_port()),
        "HOST_IP": "0.0.0.0",
        "LIBVIRT_TYPE": "test",
    }
    url = f"http://127.0.0.1:{settings['API_PORT']}/v2.1/servers"
    try:
        stack.script("stack.sh", **settings)

        assert "WARNING: n-api listens on 0.0.0.0" in stack.output
        for host, code in (
            ("localhost", 200),
            (os.uname().nodename.split(".")[0], 200),
            ("evil.example", 403),
        ):
            answer = requests.get(url, headers={"Host": host}, timeout=30)
            assert answer.status_code == code, host
    finally:
        stack.script("unstack.sh", "--clean", **settings)


@pytest.mark.parametrize("database", ["mysql"])
def test_on_mariadb(stack: Stack, database: str) -> None:
    """A second deployment on MariaDB, beside the one on SQLite."""
    other = Stack()
    other.port = free_port()
    other.url = f"http://127.0.0.1:{other.port}"
    settings: dict[str, Any] = {
        "DEPLOYMENT": "minova-test-db",
        "API_PORT": str(other.port),
        "DATABASE": database,
        "LIBVIRT_TYPE": "test",
    }
    other.script("stack.sh", **settings)
    try:
        server = other.create("in mariadb")
        other.act(server, "pause")
        other.wait_for(server, "PAUSED")
        config = pathlib.Path("/etc/minova-test-db/minova.conf").read_text()
        assert "mysql+mysqldb://" in config
        listening = subprocess.run(
            ["ss", "--no-header", "-ltn", "sport = :3306"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert re.search(r"127\.0\.0\.1:3306", listening)
        assert not re.search(r"(0\.0\.0\.0|\*|\[::\]):3306", listening)
        # At its next start, if it ran before.
        starts_with = subprocess.run(
            ["my_print_defaults", "mariadbd"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "--thread_handling=pool-of-threads\n" in starts_with
        assert "--thread_pool_stall_limit=10\n" in starts_with
    finally:
        other.script("unstack.sh", "--clean", **settings)
    assert stack.ask("GET", "/servers").status_code == 200


def test_clean_removes_only_what_the_stack_made(
    stack: Stack, server_id: str, tmp_path: pathlib.Path
) -> None:
    """Last in this file, because the stack must be built again afterwards."""
    with foreign_domain(tmp_path, "somebody-elses") as foreign:
        stack.script("unstack.sh", "--clean")

        # libvirtd may have ended with the stack that started it. Guests do not end.
        assert has_process(foreign)
        assert not has_process(server_id)
        for path in (stack.conf_dir, stack.data_dir, stack.logs, stack.command):
            assert not os.path.lexists(path), path
        stack.script("stack.sh")
        assert stack.ask("GET", "/servers").json() == {"servers": []}
        assert virsh("domstate", foreign).strip() == "running"
        assert server_id not in virsh("list", "--all", "--uuid")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/laptop.md, typed as it stands, and its results."""

import re
import subprocess

import pytest

from tests.compose.laptop import HOSTS, IMAGE, Laptop, laptop_commands

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
LONGEST_BUILD, LONGEST_START = 240, 90


def test_built_and_started_in_time(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limit is for an idle machine. Other lanes of run_tests.sh may be running."""
    scratch = "from scratch" if laptop.from_scratch else "upon layers of an earlier one"
    with capsys.disabled():
        print(f"\nbuild {scratch}: {laptop.build}")
        print(f"up to the first server ACTIVE, on three hosts: {laptop.to_active}")
    assert laptop.build.seconds_alone() < LONGEST_BUILD
    assert laptop.to_active.seconds_alone() < LONGEST_START


def test_the_steps_of_the_page(laptop: Laptop) -> None:
    """Step by step. The fixture runs the first and the last step."""
    steps = [
        servers_spread,
        a_guest_stands_still_while_it_is_paused,
        logs_are_on_the_host_and_in_docker,
        all_is_accepted_for_a_host_that_is_gone,
        nothing_is_accepted_without_a_broker,
        what_was_accepted_is_settled,
    ]
    laptop.wait_for_hosts(*HOSTS)
    laptop.delete_all()
    for step, commands in zip(steps, laptop_commands()[1:-1], strict=True):
        step(laptop, laptop.run(commands))
    laptop.delete_all()


def servers_spread(_: Laptop, printed: str) -> None:
    assert sorted(re.findall(r'"OS-EXT-SRV-ATTR:host": "(.*?)"', printed)) == HOSTS


def a_guest_stands_still_while_it_is_paused(_laptop: Laptop, printed: str) -> None:
    """The guest's own counter on its console shows it."""
    *_, first, second, later = re.findall(r"^tick (\d+)$", printed, re.MULTILINE)
    assert first == second
    assert int(later) > int(second)


def logs_are_on_the_host_and_in_docker(laptop: Laptop, printed: str) -> None:
    names = re.findall(r"^n-\S+\.log$", printed, re.MULTILINE)
    assert names == ["n-api.log", *(f"n-cpu-{host}.log" for host in HOSTS)]
    assert re.search(r"n-api.*Claimed for pause", printed)
    assert re.search(r"n-cpu.*Pausing", printed)
    logs = laptop.folder / "logs"
    of_all = [(logs / name).read_text() for name in names]
    assert "Claimed for pause" in of_all[0]
    assert any("Pausing" in log for log in of_all[1:])
    assert not any("minova-on-loopback" in log for log in [printed, *of_all])


def all_is_accepted_for_a_host_that_is_gone(_: Laptop, printed: str) -> None:
    assert re.findall(r"HTTP/1.1 (\d+)", printed) == ["202"] * 3


def nothing_is_accepted_without_a_broker(_: Laptop, printed: str) -> None:
    """Until n-api notices, a server that can be paused may still answer 409."""
    answers = sorted(re.findall(r"HTTP/1.1 (\d+)", printed))
    assert answers in (["503"] * 3, ["409", "503", "503"])


def what_was_accepted_is_settled(laptop: Laptop, _: str) -> None:
    """A guest dies with its container, so there is nothing left to pause."""
    laptop.wait_for_hosts(*HOSTS)
    servers = laptop.servers().values()
    states = sorted(laptop.show(server_id)["status"] for server_id in servers)
    assert states == ["PAUSED", "PAUSED", "SHUTOFF"]
    ends = [_end_of_pause(laptop, server_id) for server_id in servers]
    assert sorted(ends, key=str) == ["Error", None, None]


def test_the_image_has_no_build_tools(laptop: Laptop) -> None:
    found = subprocess.run(
        ["docker", "run", "--rm", IMAGE, "sh", "-c", "command -v gcc cc pip make"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.stdout == found.stderr == ""


def test_the_command_is_in_the_containers(laptop: Laptop) -> None:
    for service in ("n-api", "n-cpu"):
        printed = laptop.run(f"docker-compose exec -T {service} minova version")
        assert printed.startswith("minova ")


def test_mariadb_has_a_pool_of_threads(laptop: Laptop) -> None:
    settings = "@@thread_handling, @@thread_pool_stall_limit"
    ask = f'mariadb -uroot -p"$MARIADB_ROOT_PASSWORD" -Ne "SELECT {settings}"'
    printed = laptop.run(f"docker-compose exec -T mariadb sh -c '{ask}'")
    assert printed.split() == ["pool-of-threads", "10"]


def _end_of_pause(laptop: Laptop, server_id: str) -> str | None:
    """Return the result of the last pause's event: Error, or nothing."""
    path = f"/servers/{server_id}/os-instance-actions"
    actions = laptop.ask("GET", path).json()["instanceActions"]
    message: str | None = next(
        action["message"] for action in actions if action["action"] == "pause"
    )
    return message

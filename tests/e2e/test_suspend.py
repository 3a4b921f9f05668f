# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real suspend, by the commands of docs/stack.md that show the saved memory."""

import pathlib
import re
import subprocess

from tests.e2e.conftest import Stack, has_process, virsh
from tests.real_servers import wait_until

PAGE = pathlib.Path(__file__).parents[2] / "docs/stack.md"
_SECTION = r"\n### Suspend, and where the memory is\n.*?```sh\n(.*?)```"


def _commands() -> list[str]:
    section = re.search(_SECTION, PAGE.read_text(), re.DOTALL)
    assert section is not None
    return section[1].replace("\\\n", "").splitlines()


def _type(stack: Stack, server_id: str, command: str) -> str:
    """Return what a user would see, with this stack's address and id."""
    command = command.replace("http://127.0.0.1:8774", stack.url)
    # Tests run as root, perhaps on a machine without sudo.
    return subprocess.run(
        ["bash", "-ec", f'sudo() {{ "$@"; }}; id={server_id}; {command}'],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_libvirt_saves_the_memory_of_a_suspended_guest(stack: Stack) -> None:
    server_id = stack.create("sleeper")
    wait_until(lambda: stack.tick(server_id) > 2, 60, "the guest ticks")
    name = virsh("domname", server_id).strip()
    suspend, saved, files, resume = _commands()
    assert name not in _type(stack, server_id, saved)

    assert _type(stack, server_id, suspend) == ""
    stack.wait_for(server_id, "SUSPENDED")

    assert re.search(rf"- +{name} +shut off", _type(stack, server_id, saved))
    assert f"{name}.save" in _type(stack, server_id, files)
    assert not has_process(server_id)
    before = stack.tick(server_id)

    assert _type(stack, server_id, resume) == ""
    stack.wait_for(server_id, "ACTIVE")

    wait_until(lambda: stack.tick(server_id) > before, 30, "the guest ticks on")
    ticks = re.findall(r"^tick (\d+)$", stack.console(server_id), re.MULTILINE)
    assert [int(tick) for tick in ticks] == list(range(1, len(ticks) + 1))
    assert name not in _type(stack, server_id, saved)
    assert f"{name}.save" not in _type(stack, server_id, files)
    stack.delete(server_id)

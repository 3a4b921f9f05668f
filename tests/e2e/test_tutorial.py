# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/tutorial.md, typed from the top to the end as its reader would."""

import pathlib

import pytest

from docs.typed import Shell, shape, typed
from tests.e2e.conftest import DEPLOYMENT, Stack

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial.md").read_text()


def _places(stack: Stack) -> dict[str, str]:
    """Where this stack has what the page says of the usual one."""
    return {
        "minova trace": f"{stack.command} trace --api {stack.url} --logs {stack.logs}",
        "http://127.0.0.1:8774": stack.url,
        "/opt/stack/logs": str(stack.logs),
        "/var/lib/minova/minova.sqlite": f"{stack.data_dir}/minova.sqlite",
        "/etc/minova/": f"{stack.conf_dir}/",
        "--vhost minova": f"--vhost {DEPLOYMENT}",
        "/api/queues/minova/": f"/api/queues/{DEPLOYMENT}/",
        '"minova:$password"': f'"{DEPLOYMENT}:$password"',
    }


@pytest.mark.timeout(600)
def test_its_commands_print_what_it_shows(stack: Stack) -> None:
    shell = Shell(ROOT, stack.environment())

    def run(commands: str) -> str:
        for usual, here in _places(stack).items():
            commands = commands.replace(usual, here)
        return shell.run(commands).replace(stack.url, "http://127.0.0.1:8774")

    try:
        printed = typed(PAGE, run)
    finally:
        shell.close()
        # It stops n-cpu and RabbitMQ, and may have been broken off there.
        stack.script("stack.sh")

    assert shape(printed) == shape(PAGE)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/tutorial.md, typed from the top, prints what the page shows."""

import pathlib

import pytest

from docs.typed import Shell, shape, typed
from tests.e2e.conftest import DEPLOYMENT, Stack

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial.md").read_text()


def _places(stack: Stack) -> dict[str, str]:
    """Replace the page's usual paths and ports with those of this stack."""
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


def test_the_three_steps_and_the_way_back(stack: Stack) -> None:
    first, _what_takes_longer, _rest = PAGE.partition("\n## What could not be shown\n")

    assert shape(_typed_on(stack, first)) == shape(first)


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_the_whole_page(stack: Stack) -> None:
    """It stops n-cpu and RabbitMQ. An interrupted test may leave them off."""
    try:
        assert shape(_typed_on(stack, PAGE)) == shape(PAGE)
    finally:
        stack.script("stack.sh")


def _typed_on(stack: Stack, page: str) -> str:
    shell = Shell(ROOT, stack.environment())

    def run(commands: str) -> str:
        for usual, here in _places(stack).items():
            commands = commands.replace(usual, here)
        return shell.run(commands)

    try:
        return typed(page, run)
    finally:
        shell.close()

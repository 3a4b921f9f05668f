# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real Tempest against a stack with Keystone. ``tests/tempest`` chooses the tests."""

import pathlib
import re
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Stack
from tests.real_servers import free_port

pytestmark = pytest.mark.timeout(2400)


@pytest.fixture(scope="module")
def with_keystone(stack: Stack) -> Iterator[Stack]:
    stack.script("stack.sh", IDENTITY="keystone")
    yield stack
    stack.script("stack.sh", IDENTITY="noauth2")


def test_the_slice(with_keystone: Stack) -> None:
    passed = _passed(with_keystone, "--slice")

    assert passed > 50


@pytest.mark.campaign
def test_the_whole_selection(with_keystone: Stack) -> None:
    passed = _passed(with_keystone)

    assert passed >= 375


def _passed(stack: Stack, *arguments: str) -> int:
    """Return how many tests passed. None may have failed."""
    folder = pathlib.Path(sys.prefix).parent / "tempest"
    done = stack.script(
        "tempest.sh",
        *arguments,
        IDENTITY="keystone",
        TEMPEST_DIR=str(folder),
        GLANCE_PORT=str(free_port()),
    )
    counts = re.search(r"^tempest: (\d+) passed, 0 failed", done.stdout, re.MULTILINE)
    assert counts is not None, done.stdout
    sys.stdout.write(done.stdout)
    return int(counts[1])

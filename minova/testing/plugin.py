# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: ``nova_cloud`` is a cloud, ``nova`` a project of it for one test.

pytest loads it wherever minova is installed, so it imports the rest of minova only when
a test uses a fixture.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from minova.testing.nova import Nova


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that go into pytest's configuration file."""
    parser.addini(
        "minova_command",
        "what is run for `minova`; also one of another environment",
        type="args",
    )
    parser.addini("minova_options", "options of `minova up`", type="args")
    parser.addini("minova_url", "a cloud that runs already, http://127.0.0.1:8774")


@pytest.fixture(scope="session")
def nova_cloud(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a cloud, http://127.0.0.1:…, for all tests of the session."""
    from minova.testing import process  # noqa: PLC0415

    config = request.config
    if url := config.getini("minova_url"):
        yield url.rstrip("/")
        return
    command = config.getini("minova_command") or process.COMMAND
    options = config.getini("minova_options")
    with process.running(command, options, config.rootpath) as url:
        yield url


@pytest.fixture
def nova(
    nova_cloud: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Nova]:
    """An empty project of a cloud, which is removed after the test.

    During the test, OS_CLOUD and OS_CLIENT_CONFIG_FILE lead clients to this project.
    """
    from minova.testing.nova import Nova  # noqa: PLC0415

    project = f"test-{uuid.uuid4().hex[:12]}"
    made = Nova(nova_cloud, project, tmp_path_factory.mktemp("nova"))
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    try:
        yield made
    finally:
        made.close()

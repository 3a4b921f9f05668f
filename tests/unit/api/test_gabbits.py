# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The API as documents, asked in one process: no broker, and the fake driver.

``tests/functional/test_api.py`` asks the same of real daemons.
"""

import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from gabbi import driver

# pytest finds the test that gabbi's files become under this name.
from gabbi.driver import test_pytest  # noqa: F401

import tests.functional
from tests.unit import one_process

FILES = pathlib.Path(str(tests.functional.__file__)).parent / "gabbits"
_running: list[one_process.Cloud] = []


def _ask(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Ask the cloud that runs; gabbi wants to know at collection whom it will ask."""
    environ["HTTP_HOST"] = "127.0.0.1:8774"
    return _running[-1].api(environ, start_response)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    driver.py_test_generator(
        FILES,
        intercept=lambda: _ask,
        test_loader_name=__name__,
        metafunc=metafunc,
        safe_yaml=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _cloud(
    migrated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("gabbi") / "cloud"
    with one_process.running(folder, migrated) as cloud:
        _running.append(cloud)
        yield
        _running.pop()

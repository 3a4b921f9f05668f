# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One cluster for all tests of this folder, because it takes minutes to start."""

from collections.abc import Iterator

import pytest

from tests.compose import engine
from tests.compose.laptop import IMAGE, Laptop, docker, laptop_commands, timed


@pytest.fixture(scope="session")
def laptop(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Laptop]:
    """Run the commands of docs/laptop.md: the first before, the last after the tests.

    The image is built from scratch if no earlier run left one, or if run_tests.sh tries
    for the second time.
    """
    build, up = laptop_commands()[0].splitlines()
    if request.config.getoption("--last-failed"):
        build += " --no-cache"
    with engine.running():
        engine.bring_base_images()
        own = Laptop(tmp_path_factory.mktemp("compose"))
        try:
            own.from_scratch = not docker("images", "--quiet", IMAGE) or "no-" in build
            with timed() as build_time:
                own.run(build)
            own.build = build_time()
            with timed() as up_time:
                own.run(up)
                # Ask at once: `up` must not return before a server can be created.
                first = own.create("first")
                own.wait_for(first, "ACTIVE")
            own.to_active = up_time()
            own.delete(first)
            yield own
            own.run(laptop_commands()[-1])
            assert own.left_behind() == []
        finally:
            own.remove()

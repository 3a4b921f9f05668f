# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A Docker engine and the base images. Start or fetch what is missing.

A running engine is used as it is. An engine that is started here ends with the tests.
"""

import contextlib
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest

from tests.real_servers import end

BASE_IMAGES = ["debian:bookworm-slim", "rabbitmq:3-management", "mariadb:10.11"]
STAND_INS = pathlib.Path(__file__).parents[1] / "e2e" / "local-images.sh"


@contextlib.contextmanager
def running() -> Iterator[None]:
    """A Docker engine. If none can start, skip the tests and show its error."""
    if answers():
        yield
        return
    with tempfile.TemporaryFile() as log:
        engine = subprocess.Popen(["dockerd"], stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 60
            while not answers():
                if engine.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    last = log.read().decode(errors="replace").splitlines()[-1:]
                    pytest.skip(f"no Docker engine can start here: {' '.join(last)}")
                time.sleep(0.5)
            yield
        finally:
            end(engine, timeout=60)


def answers() -> bool:
    done = subprocess.run(["docker", "info"], check=False, capture_output=True)
    return done.returncode == 0


def bring_base_images() -> None:
    """Pull them. Without a registry, build stand-ins from Debian packages."""
    if not all(is_present(image) or pull(image) for image in BASE_IMAGES):
        subprocess.run(["bash", STAND_INS], check=True)


def is_present(image: str) -> bool:
    done = subprocess.run(
        ["docker", "image", "inspect", image], check=False, capture_output=True
    )
    return done.returncode == 0


def pull(image: str) -> bool:
    done = subprocess.run(["docker", "pull", "--quiet", image], check=False)
    return done.returncode == 0

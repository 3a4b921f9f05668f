# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The gabbi files against ``minova up``: no broker, and the fake driver.

``tests/functional/test_api.py`` runs them against real daemons.
"""

import pathlib
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from gabbi import driver

# pytest looks for this name to run gabbi's files.
from gabbi.driver import test_pytest  # noqa: F401

import tests.functional
from tests import real_servers, tick_image
from tests.unit.cmd.local_cloud import Up, up

FILES: Final = pathlib.Path(str(tests.functional.__file__)).parent / "gabbits"
# gabbi must know at collection where it will send its requests.
PORT: Final = real_servers.free_port()
NO_LIMITS: Final = {"instances": -1, "cores": -1, "ram": -1}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    driver.py_test_generator(
        FILES,
        host="127.0.0.1",
        port=PORT,
        test_loader_name=__name__,
        metafunc=metafunc,
        safe_yaml=False,
        # Otherwise each test loads the machine's CAs, although it does not use TLS.
        cert_validate=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _cloud() -> Iterator[Up]:
    """A cloud with the image and the limits that the files expect."""
    with up("--port", str(PORT)) as cloud:
        images = pathlib.Path(cloud.said["clouds_yaml"]).parent / "images"
        shutil.rmtree(images)
        tick_image.put(images)
        default = {"quota_class_set": NO_LIMITS}
        cloud.admin.compute("PUT", "/os-quota-class-sets/default", default)
        yield cloud

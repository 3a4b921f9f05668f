# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The API as documents, asked of a ``minova up``: no broker, and the fake driver.

``tests/functional/test_api.py`` asks the same of real daemons.
"""

import pathlib
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from gabbi import driver

# pytest finds the test that gabbi's files become under this name.
from gabbi.driver import test_pytest  # noqa: F401

import tests.functional
from tests import real_servers, tick_image
from tests.unit.cmd.local_cloud import Up, up

FILES: Final = pathlib.Path(str(tests.functional.__file__)).parent / "gabbits"
# gabbi wants to know at collection where it will send its requests.
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
        # Else each test loads the authorities of the machine, and asks without TLS.
        cert_validate=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _cloud() -> Iterator[Up]:
    """One that has the image and the limits which the files speak of."""
    with up("--port", str(PORT)) as cloud:
        images = pathlib.Path(cloud.said["clouds_yaml"]).parent / "images"
        shutil.rmtree(images)
        tick_image.put(images)
        default = {"quota_class_set": NO_LIMITS}
        cloud.admin.compute("PUT", "/os-quota-class-sets/default", default)
        yield cloud

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The API tests in ``gabbits/*.yaml``, one file for each resource or action."""

import pathlib
from collections.abc import Iterator

import pytest
from gabbi import driver

# pytest looks for this name to run gabbi's files.
from gabbi.driver import test_pytest  # noqa: F401

from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster

# gabbi must know at collection where it will send its requests.
PORT = real_servers.free_port()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    driver.py_test_generator(
        pathlib.Path(__file__).parent / "gabbits",
        host="127.0.0.1",
        port=PORT,
        test_loader_name=__name__,
        metafunc=metafunc,
        safe_yaml=False,
        # Otherwise each test loads the machine's CAs, although it does not use TLS.
        cert_validate=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _running(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("gabbi")
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, rabbitmq.new_vhost(), connection, PORT) as running:
        yield running

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One broker and one cluster for each database, for all tests of this folder."""

import pathlib
from collections.abc import Iterator

import pytest

from tests import cluster as clusters
from tests import private_libvirt, real_mariadb, real_servers
from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[real_servers.RabbitMQ]:
    with real_servers.rabbitmq() as broker:
        yield broker


@pytest.fixture(scope="session")
def mariadb() -> Iterator[real_mariadb.MariaDB]:
    """A server that tests share. A test that stops it starts it again."""
    with real_mariadb.mariadb() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "mysql"])
def connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The URL of an empty database, on MariaDB and on SQLite."""
    if request.param == "mysql":
        server: real_mariadb.MariaDB = request.getfixturevalue("mariadb")
        return server.url
    return f"sqlite:///{tmp_path_factory.mktemp('db')}/minova.sqlite"


@pytest.fixture(scope="session")
def cluster(
    rabbitmq: real_servers.RabbitMQ,
    connection: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """A cluster that tests share. A test that stops a part starts it again."""
    folder = tmp_path_factory.mktemp("cluster")
    with clusters.running(folder, rabbitmq.new_vhost(), connection) as running:
        yield running


@pytest.fixture
def own_cluster(
    rabbitmq: real_servers.RabbitMQ, tmp_path: pathlib.Path
) -> Iterator[Cluster]:
    """A cluster on SQLite for one test, with nothing started yet."""
    own = Cluster(tmp_path, rabbitmq.new_vhost(), f"sqlite:///{tmp_path}/minova.sqlite")
    own.migrate()
    yield own
    own.stop()


@pytest.fixture
def libvirt() -> Iterator[PrivateLibvirt]:
    """A libvirtd for one test, which may freeze and kill it."""
    with private_libvirt.running() as running:
        yield running


@pytest.fixture
def qemu_cluster(
    rabbitmq: real_servers.RabbitMQ, libvirt: PrivateLibvirt
) -> Iterator[Cluster]:
    """A cluster on SQLite with QEMU guests under ``libvirt``. It is not started yet."""
    with real_servers.folder_for(private_libvirt.USER) as folder:
        connection = f"sqlite:///{folder}/minova.sqlite"
        own = Cluster(folder, rabbitmq.new_vhost(), connection)
        own.use(libvirt)
        own.migrate()
        yield own
        own.stop()

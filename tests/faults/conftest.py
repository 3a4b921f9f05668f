# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Two rigs for all cells, one on each database."""

from collections.abc import Iterator

import pytest

from tests import real_mariadb, real_servers, watched_guests
from tests.faults import rig as rigs
from tests.faults.rig import Rig
from tests.real_servers import RabbitMQ
from tests.watched_guests import WatchedLibvirt


@pytest.fixture(scope="session")
def broker() -> Iterator[RabbitMQ]:
    with real_servers.rabbitmq() as running:
        yield running


@pytest.fixture(scope="session")
def hypervisor() -> Iterator[WatchedLibvirt]:
    with watched_guests.running() as running:
        yield running


@pytest.fixture(scope="session")
def on_mariadb(broker: RabbitMQ, hypervisor: WatchedLibvirt) -> Iterator[Rig]:
    with (
        real_mariadb.mariadb() as mariadb,
        rigs.rig(broker, hypervisor, mariadb) as rig,
    ):
        yield rig


@pytest.fixture(scope="session")
def on_sqlite(broker: RabbitMQ, hypervisor: WatchedLibvirt) -> Iterator[Rig]:
    with rigs.rig(broker, hypervisor, None) as rig:
        yield rig

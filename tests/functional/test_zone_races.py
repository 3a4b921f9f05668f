# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers get a host of their zone, even while hosts change zones.

The policy of a server group holds too, because one transaction checks both.
"""

import contextlib
import dataclasses
import random
import threading
from collections.abc import Iterator
from concurrent import futures

import pytest
import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.compute_api import schedule
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine as engines
from minova.db.tables import instances
from minova.objects.host import Resources
from minova.objects.quota import UNLIMITED
from minova.objects.server_group import ANTI_AFFINITY, ServerGroup
from tests.real_mariadb import MariaDB
from tests.unit.conftest import context, new_instance

HOSTS = ("one", "two", "three")
ROUNDS = 20


@pytest.fixture
def engine(mariadb: MariaDB) -> Iterator[sa.Engine]:
    own = sa.create_engine(mariadb.new_database("zone_races"), pool_size=20)
    migrate.sync(own)
    yield own
    own.dispose()
    mariadb.sql("DROP DATABASE zone_races")


@pytest.mark.parametrize("policy", [None, ANTI_AFFINITY])
def test_no_server_is_on_a_host_of_another_zone(
    engine: sa.Engine, policy: str | None
) -> None:
    db = Database(engine)
    for host in HOSTS:
        has = Resources(
            vcpus=64,
            memory_mb=65536,
            local_gb=1024,
            hypervisor_type="fake",
            hypervisor_version=1,
            hypervisor_hostname=host,
        )
        db.service_report(host)
        db.compute_node_update(host, has, vcpus_limit=640, memory_mb_limit=655360)
    near = db.aggregate_create("near", {"availability_zone": "zone-1"})
    placed = moved = 0
    for number in range(3 * ROUNDS):
        # Chance decides how many of the moves meet an empty host.
        if number >= ROUNDS and min(placed, moved) > ROUNDS:
            break
        group = policy and _group(db, policy)
        started = threading.Barrier(8)
        with futures.ThreadPoolExecutor(8) as pool:
            creates = [
                pool.submit(_create, db, started, zone, group)
                for zone in ("zone-1", "nova", "zone-1", "nova")
            ]
            moves = [
                pool.submit(_move, db, started, near.id, number * 4 + seed)
                for seed in range(4)
            ]
        placed += sum(create.result() for create in creates)
        moved += sum(move.result() for move in moves)
        zones = {service.host: service.zone for service in db.service_list(60)}
        servers = [server for host in HOSTS for server in db.instances_on(host)]
        for server in servers:
            assert server.availability_zone == zones[str(server.host)]
            assert server.pinned_availability_zone == server.availability_zone
        if policy:
            assert len({server.host for server in servers}) == len(servers)
        (aggregate,) = db.aggregate_list()
        assert {h for h, zone in zones.items() if zone == "zone-1"} == set(
            aggregate.hosts
        )
        with engines.to_write(engine) as connection, connection.begin():
            connection.execute(sa.update(instances).values(deleted=True))
    assert placed > ROUNDS
    assert moved > ROUNDS


def _group(db: Database, policy: str) -> str:
    uuid = uuidutils.generate_uuid()
    group = ServerGroup(
        uuid=uuid,
        name=policy,
        project_id="demo",
        user_id="demo",
        policy=policy,
        rules={},
    )
    db.server_group_create(group, UNLIMITED, UNLIMITED)
    return uuid


def _create(
    db: Database, started: threading.Barrier, zone: str, group_uuid: str | None
) -> bool:
    started.wait()
    new = dataclasses.replace(
        new_instance(), pinned_availability_zone=zone, group_uuid=group_uuid
    )
    with contextlib.suppress(exception.NoValidHost):
        db.instance_create(context(), new, schedule.rank, 600)
        return True
    return False


def _move(
    db: Database, started: threading.Barrier, aggregate_id: int, seed: int
) -> bool:
    choose = random.Random(seed)
    host = choose.choice(HOSTS)
    move = choose.choice((db.aggregate_add_host, db.aggregate_remove_host))
    started.wait()
    with contextlib.suppress(exception.Conflict, exception.NotFound):
        move(aggregate_id, host)
        return True
    return False

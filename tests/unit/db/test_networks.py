# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A subnet for each server, and never one for two."""

import dataclasses
from concurrent import futures

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute_api import schedule
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances, subnets
from minova.objects import network
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import CREATE, DELETE
from minova.vocabulary.power_state import PowerState
from tests.unit.conftest import HOST, NewServer, context, new_instance


def _addresses(server: Instance) -> list[str]:
    return [nic["address"] for nic in server.network_info or ()]


def _renumber(sql: sa.Engine, server: Instance, to: int) -> None:
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(instances).where(instances.c.uuid == server.uuid).values(id=to)
        )


def test_the_address_follows_from_the_id(db: Database, new_server: NewServer) -> None:
    server = new_server()
    assert server.network_info is None

    prepared = db.instance_prepare(server.uuid, force_config_drive=False)

    (nic,) = prepared.network_info or ()
    assert nic == {
        "network": "private",
        "mac": f"fa:16:3e:00:00:{server.id:02x}",
        "address": f"10.0.{server.id}.15",
        "cidr": f"10.0.{server.id}.0/24",
        "gateway": f"10.0.{server.id}.2",
    }
    assert prepared.config_drive is False
    again = db.instance_prepare(server.uuid, force_config_drive=False)
    assert again.network_info == prepared.network_info


def test_a_server_without_a_network_gets_no_address(db: Database) -> None:
    none = dataclasses.replace(new_instance(), network_info=[])
    server = db.instance_create(context(), none, schedule.rank, 60)

    prepared = db.instance_prepare(server.uuid, force_config_drive=True)

    assert prepared.network_info == []
    assert prepared.config_drive is True


def test_a_used_number_is_skipped(
    db: Database, new_server: NewServer, sql: sa.Engine
) -> None:
    first, second, third = new_server(), new_server(), new_server()
    _renumber(sql, second, first.id + network.SUBNETS)
    _renumber(sql, third, first.id + 2 * network.SUBNETS)

    given = [
        _addresses(db.instance_prepare(server.uuid, force_config_drive=False))
        for server in (first, second, third)
    ]

    number = first.id
    assert given == [[f"10.0.{number + step}.15"] for step in range(3)]


def test_two_hosts_at_once(db: Database, new_server: NewServer, sql: sa.Engine) -> None:
    servers = [new_server() for _ in range(8)]
    for lap, server in enumerate(servers):
        _renumber(sql, server, 7 + (lap + 1) * network.SUBNETS)

    with futures.ThreadPoolExecutor(8) as pool:
        prepared = list(
            pool.map(
                lambda server: db.instance_prepare(
                    server.uuid, force_config_drive=False
                ),
                servers,
            )
        )

    assert len({tuple(_addresses(server)) for server in prepared}) == len(servers)


def test_a_delete_frees_the_number(db: Database, new_server: NewServer) -> None:
    server = new_server()
    db.instance_prepare(server.uuid, force_config_drive=False)
    request = context()
    assert db.instance_claim(request, server.uuid, DELETE)
    db.instance_start(server.uuid, str(request.request_id), [DELETE], HOST)

    db.instance_finish(server.uuid, str(request.request_id), DELETE, PowerState.NOSTATE)

    with db._read() as connection:
        assert connection.scalar(sa.select(sa.func.count(subnets.c.number))) == 0


def test_all_numbers_are_used(
    db: Database, new_server: NewServer, sql: sa.Engine
) -> None:
    server = new_server()
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.insert(subnets),
            [
                {"number": number, "instance_uuid": str(number)}
                for number in range(1, network.SUBNETS + 1)
            ],
        )

    with pytest.raises(exception.NoMoreNetworks):
        db.instance_prepare(server.uuid, force_config_drive=False)


def test_a_deleted_server(db: Database) -> None:
    with pytest.raises(exception.InstanceNotFound):
        db.instance_prepare("gone", force_config_drive=False)


def test_the_password_is_forgotten_when_the_server_is_built(db: Database) -> None:
    new = dataclasses.replace(new_instance(), admin_password="S3cret")
    request = context()
    server = db.instance_create(request, new, schedule.rank, 60)
    assert server.admin_password == "S3cret"
    db.instance_start(server.uuid, str(request.request_id), [CREATE], HOST)
    building = db.instance_prepare(server.uuid, force_config_drive=False)
    assert building.admin_password == "S3cret"

    db.instance_finish(server.uuid, str(request.request_id), CREATE, PowerState.RUNNING)

    built = db.instance_get(server.uuid)
    assert built is not None
    assert built.admin_password is None


def test_the_password_is_not_kept_for_a_server_that_is_never_built(
    db: Database,
) -> None:
    new = dataclasses.replace(new_instance(), admin_password="S3cret")

    server = db.instance_bury(context(), new, Failure(fault="", details=""), HOST)

    assert server.host is None
    assert server.admin_password is None

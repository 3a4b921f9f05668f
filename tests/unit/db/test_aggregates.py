# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A host is in one zone at a time, and stays there as long as it has servers."""

import dataclasses

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute_api import schedule
from minova.db.api import Database
from minova.db.hosts import room as hosts
from minova.objects.aggregate import Aggregate
from minova.objects.host import Resources
from minova.objects.instance import Instance
from tests.unit.conftest import HOST, context, new_instance

OTHER = "host-2"
_MOVE = (
    "but the host already has 1 instance(s). Changing the AZ of an existing instance "
    "is not supported by this action. Move the instances away from this host then try "
    "again. If you need to move the instances between AZs then you can use "
    "shelve_offload and unshelve to achieve this.."
)


@pytest.fixture
def two(db: Database) -> Database:
    """A database with two hosts. The second one has more room."""
    has = Resources(
        vcpus=8,
        memory_mb=65536,
        local_gb=100,
        hypervisor_type="fake",
        hypervisor_version=1,
        hypervisor_hostname=OTHER,
    )
    db.service_report(OTHER)
    db.compute_node_update(OTHER, has, vcpus_limit=32, memory_mb_limit=65000)
    return db


def _make(db: Database, name: str, *host_names: str, zone: str | None) -> Aggregate:
    made = db.aggregate_create(name, {"availability_zone": zone} if zone else {})
    for host in host_names:
        made = db.aggregate_add_host(made.id, host)
    return made


def _server(db: Database, zone: str | None = None) -> Instance:
    new = dataclasses.replace(new_instance(), pinned_availability_zone=zone)
    return db.instance_create(context(), new, schedule.rank, 60)


def _zones(db: Database) -> dict[str, str]:
    return {service.host: service.zone for service in db.service_list(60)}


def test_a_server_gets_a_host_of_its_zone(two: Database) -> None:
    _make(two, "near", HOST, zone="zone-1")

    placed = [_server(two, zone) for zone in ("zone-1", "nova", None)]

    assert [(one.host, one.availability_zone) for one in placed] == [
        (HOST, "zone-1"),
        (OTHER, "nova"),
        (OTHER, "nova"),
    ]
    assert _zones(two) == {HOST: "zone-1", OTHER: "nova"}


def test_a_server_for_a_full_zone_gets_no_other_host(two: Database) -> None:
    _make(two, "near", HOST, zone="zone-1")
    big = dataclasses.replace(new_instance().flavor, memory_mb=60000)
    new = dataclasses.replace(
        new_instance(), flavor=big, pinned_availability_zone="zone-1"
    )

    with pytest.raises(exception.NoValidHost):
        two.instance_create(context(), new, schedule.rank, 60)


def test_a_host_that_changed_its_zone_is_skipped(two: Database, sql: sa.Engine) -> None:
    """It changes between its choice and the allocation, as its room may."""
    with sql.connect() as connection:
        seen = {one.host: one for one in hosts.host_states(connection, 60)}
    _make(two, "near", HOST, zone="zone-1")

    with sql.connect() as connection:
        flavor = new_instance().flavor
        assert not hosts.take(connection, seen[HOST], flavor)
        assert hosts.take(connection, seen[OTHER], flavor)


def test_a_host_with_servers_keeps_its_zone(db: Database) -> None:
    _server(db)
    near = _make(db, "near", zone="zone-1")

    with pytest.raises(exception.CannotAddHost) as refused:
        db.aggregate_add_host(near.id, HOST)

    assert str(refused.value) == (
        f"Cannot add host to aggregate {near.id}. Reason: The host cannot be added to "
        "the aggregate as the availability zone of the host would change from 'None' "
        f"to 'zone-1' {_MOVE}"
    )
    assert db.aggregate_list() == [near]
    assert _zones(db) == {HOST: "nova"}


def test_a_host_with_servers_stays_in_its_aggregate(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")
    _server(db)

    with pytest.raises(exception.CannotRemoveHost) as refused:
        db.aggregate_remove_host(near.id, HOST)

    assert str(refused.value) == (
        f"Cannot remove host from aggregate {near.id}. Reason: The host cannot be "
        "removed from the aggregate as the availability zone of the host would change "
        f"from 'zone-1' to 'None' {_MOVE}"
    )
    assert db.aggregate_list() == [near]


def test_a_zone_with_servers_keeps_its_name(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")
    _server(db)

    def rename(zone: str) -> Aggregate:
        return db.aggregate_change(
            near.id,
            {"availability_zone": zone},
            exception.CannotUpdateAggregateMetadata,
            name="nearer",
        )

    with pytest.raises(exception.CannotUpdateAggregateMetadata) as refused:
        rename("zone-2")

    assert str(refused.value) == (
        f"Cannot update metadata of aggregate {near.id}. Reason: One or more hosts "
        "contain instances in this zone."
    )
    assert db.aggregate_list() == [near]
    assert rename("zone-1").name == "nearer"


def test_an_aggregate_without_a_zone_takes_any_host(db: Database) -> None:
    _server(db)

    fast = _make(db, "fast", HOST, zone=None)
    assert _zones(db) == {HOST: "nova"}
    assert db.aggregate_remove_host(fast.id, HOST).hosts == ()


def test_a_host_is_in_one_zone_at_a_time(two: Database) -> None:
    _make(two, "near", HOST, zone="zone-1")
    far = _make(two, "far", OTHER, zone="zone-2")

    with pytest.raises(exception.CannotAddHost) as refused:
        two.aggregate_add_host(far.id, HOST)

    assert str(refused.value) == (
        f"Cannot add host to aggregate {far.id}. Reason: One or more hosts already in "
        "availability zone(s) ['zone-1']."
    )


def test_an_aggregates_zone_may_not_conflict_with_its_hosts(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")
    _make(db, "also near", HOST, zone="zone-1")

    with pytest.raises(exception.CannotUpdateAggregate) as refused:
        db.aggregate_change(
            near.id, {"availability_zone": "zone-2"}, exception.CannotUpdateAggregate
        )

    assert str(refused.value) == (
        f"Cannot update aggregate {near.id}. Reason: One or more hosts already in "
        "availability zone(s) ['zone-1']."
    )


def test_its_other_aggregate_keeps_it_in_its_zone(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")
    also = _make(db, "also near", HOST, zone="zone-1")
    _server(db)

    db.aggregate_remove_host(near.id, HOST)

    assert _zones(db) == {HOST: "zone-1"}
    with pytest.raises(exception.CannotRemoveHost):
        db.aggregate_remove_host(also.id, HOST)


def test_hosts_follow_a_renamed_zone(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")

    db.aggregate_change(
        near.id, {"availability_zone": "zone-2"}, exception.CannotUpdateAggregate
    )

    assert _zones(db) == {HOST: "zone-2"}
    (hypervisor,) = db.hypervisor_list(60)
    assert hypervisor.service.zone == "zone-2"


@pytest.mark.parametrize("zone", [None, ""])
def test_a_zone_needs_a_name(db: Database, zone: str | None) -> None:
    near = _make(db, "near", HOST, zone="zone-1")

    with pytest.raises(exception.CannotUpdateAggregate) as refused:
        db.aggregate_change(
            near.id, {"availability_zone": zone}, exception.CannotUpdateAggregate
        )

    assert str(refused.value) == (
        f"Cannot update aggregate {near.id}. Reason: Aggregate near does not support "
        "empty named availability zone."
    )


def test_an_id_is_never_reused(db: Database) -> None:
    first = _make(db, "near", zone=None)
    db.aggregate_delete(first.id)

    assert _make(db, "near", zone=None).id > first.id


def test_a_deleted_host_leaves_its_aggregates(db: Database) -> None:
    near = _make(db, "near", HOST, zone="zone-1")
    (service,) = db.service_list(60)

    db.service_delete(service)

    assert db.aggregate_list() == [dataclasses.replace(near, hosts=())]

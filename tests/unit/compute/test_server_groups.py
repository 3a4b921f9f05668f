# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups: hosts of their servers, numbers of members, and leaving."""

import dataclasses
from collections import Counter
from concurrent import futures
from typing import Any

import pytest

from minova import exception
from minova.compute_api import schedule
from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor
from minova.objects.host import HostState, Resources
from minova.objects.instance import Instance, NewInstance
from minova.objects.quota import Amounts, CreateQuota
from minova.objects.server_group import GroupHosts, ServerGroup
from minova.vocabulary.instance_actions import DELETE
from minova.vocabulary.power_state import PowerState
from tests.unit.conftest import HOST, context, new_instance

NANO = Flavor(flavorid="42", name="m1.nano", memory_mb=128, vcpus=1, root_gb=1)
NO_LIMITS = Amounts(instances=-1, cores=-1, ram=-1)


def _host(name: str, memory_used: int) -> HostState:
    return HostState(
        host=name,
        vcpus_limit=8,
        vcpus_used=0,
        memory_mb_limit=1024,
        memory_mb_used=memory_used,
    )


@pytest.mark.parametrize(
    ("policy", "members", "tried"),
    [
        ("affinity", {}, ["a", "b", "c"]),
        ("affinity", {"b": 2, "gone": 1}, ["b"]),
        ("affinity", {"gone": 1}, []),
        ("anti-affinity", {"a": 1}, ["b", "c"]),
        ("anti-affinity", {"a": 1, "b": 1, "c": 1}, []),
        ("soft-affinity", {"b": 1, "c": 2}, ["c", "b", "a"]),
        ("soft-anti-affinity", {"a": 2, "b": 1}, ["c", "b", "a"]),
        ("of a later version", {"a": 1}, ["a", "b", "c"]),
    ],
)
def test_which_hosts_are_tried(
    policy: str, members: dict[str, int], tried: list[str]
) -> None:
    hosts = [_host("c", 300), _host("a", 100), _host("full", 1000), _host("b", 200)]
    group = GroupHosts(policy=policy, max_per_host=1, members=members)

    assert [host.host for host in schedule.rank(hosts, NANO, group)] == tried


def test_a_rule_may_allow_several_on_a_host() -> None:
    hosts = [_host("a", 100), _host("b", 200)]
    members = {"a": 3, "b": 2}
    group = GroupHosts(policy="anti-affinity", max_per_host=3, members=members)

    assert [host.host for host in schedule.rank(hosts, NANO, group)] == ["b"]


@pytest.fixture
def db(db: Database) -> Database:
    """Three hosts. The last has the least room."""
    for number in (2, 3):
        has = Resources(
            vcpus=8,
            memory_mb=8192,
            local_gb=100,
            hypervisor_type="fake",
            hypervisor_version=1,
            hypervisor_hostname=f"host-{number}",
        )
        db.service_report(f"host-{number}")
        db.compute_node_update(
            f"host-{number}", has, vcpus_limit=32, memory_mb_limit=7680 - number
        )
    return db


def _group(db: Database, policy: str, **rules: int) -> ServerGroup:
    group = ServerGroup(
        uuid=new_instance().uuid,
        name="g",
        project_id="demo",
        user_id="demo",
        policy=policy,
        rules=rules,
    )
    db.server_group_create(group, -1, -1)
    return group


def _new(group: ServerGroup) -> NewInstance:
    return dataclasses.replace(new_instance(), group_uuid=group.uuid)


def _create(db: Database, group: ServerGroup, **quota: Any) -> Instance:
    limits = CreateQuota(project=NO_LIMITS, user=NO_LIMITS, **quota)
    return db.instance_create(context(), _new(group), schedule.rank, 60, limits)


def _members(db: Database, group: ServerGroup) -> list[str]:
    found = db.server_group_get(group.uuid)
    assert found is not None
    return list(found.members)


@pytest.mark.parametrize(
    ("policy", "rules", "on_hosts"),
    [
        ("anti-affinity", {}, [1, 1, 1]),
        ("anti-affinity", {"max_server_per_host": 2}, [2, 2, 2]),
        ("affinity", {}, [10]),
        ("soft-affinity", {}, [10]),
        ("soft-anti-affinity", {}, [4, 3, 3]),
    ],
)
def test_ten_creates_at_once(
    db: Database, policy: str, rules: dict[str, int], on_hosts: list[int]
) -> None:
    """Each create waits for the one before it, and sees its host."""
    group = _group(db, policy, **rules)

    def create(_number: int) -> str | None:
        try:
            return _create(db, group).host
        except exception.NoValidHost:
            return None

    with futures.ThreadPoolExecutor(10) as pool:
        placed = Counter(pool.map(create, range(10)))

    del placed[None]
    assert sorted(placed.values(), reverse=True) == on_hosts
    assert len(_members(db, group)) == sum(on_hosts)


def test_members_leave_when_they_are_deleted(db: Database) -> None:
    group = _group(db, "anti-affinity")
    built, lost = _create(db, group), _create(db, group)
    buried = db.instance_bury(
        context(), _new(group), Failure(fault="none", details="none"), HOST
    )
    stays = _create(db, group)
    uuids = [server.uuid for server in (built, lost, buried, stays)]
    assert _members(db, group) == uuids
    asked_by = context()
    request_id = str(asked_by.request_id)

    assert db.instance_claim(asked_by, built.uuid, DELETE)
    assert db.instance_start(built.uuid, request_id, [DELETE], HOST)
    assert _members(db, group) == uuids
    assert db.instance_finish(built.uuid, request_id, DELETE, PowerState.NOSTATE)
    assert db.instance_discard(lost.uuid, str(lost.claim_request_id))
    assert db.instance_delete_unplaced(context(), buried.uuid)

    assert _members(db, group) == [stays.uuid]
    with db._read() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM instance_group_member")
        assert left.scalar() == 1
    assert {_create(db, group).host, _create(db, group).host} == {
        built.host,
        lost.host,
    }


def test_a_server_deleted_by_an_older_host_is_no_member(db: Database) -> None:
    group = _group(db, "affinity")
    server = _create(db, group)
    with db._write() as connection:
        connection.exec_driver_sql("UPDATE instances SET deleted = 1")

    assert _members(db, group) == []
    assert db.server_group_list(None, 10, 0)[0].members == []
    assert _create(db, group).uuid != server.uuid


def test_a_group_deleted_between_check_and_create(db: Database) -> None:
    group = _group(db, "affinity")
    server = _create(db, group)
    assert db.tags_and_group_of(server.uuid)[1] == group.uuid

    assert db.server_group_delete(group.uuid)

    assert not db.server_group_delete(group.uuid)
    assert db.tags_and_group_of(server.uuid)[1] is None
    with pytest.raises(exception.Invalid) as refused:
        _create(db, group)
    assert str(refused.value) == f"Instance group {group.uuid} could not be found."
    with pytest.raises(exception.Invalid):
        db.instance_bury(
            context(), _new(group), Failure(fault="none", details="none"), HOST
        )


def test_members_are_counted_for_each_user(db: Database) -> None:
    group = _group(db, "soft-affinity")
    _create(db, group, group_members=2)
    db.instance_create(context(user_id="other"), _new(group), schedule.rank, 60)
    with pytest.raises(exception.GroupMemberLimitExceeded):
        _create(db, group, group_members=2, max_count=2)

    _create(db, group, group_members=2)

    with pytest.raises(exception.GroupMemberLimitExceeded):
        _create(db, group, group_members=2)
    assert len(_members(db, group)) == 3
    _create(db, group, group_members=-1)


def test_groups_are_counted_for_project_and_user(db: Database) -> None:
    def make(user_id: str, project_limit: int, user_limit: int) -> None:
        group = dataclasses.replace(template, uuid=new_instance().uuid)
        group = dataclasses.replace(group, user_id=user_id)
        db.server_group_create(group, project_limit, user_limit)

    template = ServerGroup(
        uuid="",
        name="g",
        project_id="full",
        user_id="",
        policy="affinity",
        rules={},
    )
    make("ann", 2, 1)
    with pytest.raises(exception.ServerGroupLimitExceeded):
        make("ann", 2, 1)
    make("bob", 2, 1)
    with pytest.raises(exception.ServerGroupLimitExceeded):
        make("joe", 2, 1)

    assert db.server_group_count("full") == 2
    assert db.server_group_count("full", "ann") == 1
    assert db.server_group_count("other") == 0


def test_a_server_shows_its_group_only_to_the_groups_project(db: Database) -> None:
    group = _group(db, "affinity")
    asked_by = context(project_id="another")
    server = db.instance_create(asked_by, _new(group), schedule.rank, 60)

    assert db.tags_and_group_of(server.uuid)[1] == group.uuid
    assert db.tags_and_group_of(server.uuid, "demo")[1] == group.uuid
    assert db.tags_and_group_of(server.uuid, "another")[1] is None

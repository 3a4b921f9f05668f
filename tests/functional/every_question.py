# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every query that minova sends to a database, here to a full one (many_servers)."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor, FlavorFilter
from minova.objects.host import Resources
from minova.objects.instance import Instance
from minova.objects.migration import MigrationFilter, NewSize, Refused
from minova.objects.quota import Amounts, CreateQuota
from minova.objects.server_group import ServerGroup
from minova.vocabulary.instance_actions import (
    CONFIRM_RESIZE,
    CREATE,
    DELETE,
    PAUSE,
    REBOOT_HARD,
    RESIZE,
    RESTORE,
    REVERT_RESIZE,
    SOFT_DELETE,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import context, new_instance

QUESTIONS: Final = frozenset(
    name for name in dir(Database) if hasattr(getattr(Database, name), "__wrapped__")
)
_HOST: Final = "full-1"
_PROJECT: Final = "project-1"
_USER: Final = "user-150"
_MORE: Final = Flavor(flavorid="77", name="more", memory_mb=1, vcpus=1, root_gb=1)
_HAS: Final = Resources(
    vcpus=64,
    memory_mb=65536,
    local_gb=1024,
    hypervisor_type="fake",
    hypervisor_version=1000,
    hypervisor_hostname=_HOST,
)
_FAILED: Final = Failure(fault="It broke", details="It broke")


class Asked(Database):
    """A database that records which methods were called.

    Attributes:
        asked: names of methods.
    """

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self.asked: set[str] = set()

    def __getattribute__(self, name: str) -> Any:
        if name in QUESTIONS:
            self.asked.add(name)
        return super().__getattribute__(name)


def _create(
    db: Database, host: str | None = _HOST, group_uuid: str | None = None
) -> tuple[RequestContext, Instance]:
    asked_by = context(user_id=_USER, project_id=_PROJECT)
    new = dataclasses.replace(
        new_instance(),
        requested_host=host,
        tags=("one", "two"),
        group_uuid=group_uuid,
    )
    limits = Amounts(instances=1000, cores=1000, ram=-1)
    user = Amounts(instances=900, cores=-1, ram=-1)
    quota = CreateQuota(project=limits, user=user, group_members=10)
    return asked_by, db.instance_create(asked_by, new, schedule.rank, 600, quota)


def _active(db: Database) -> Instance:
    asked_by, server = _create(db)
    _start(db, server, str(asked_by.request_id), CREATE)
    db.instance_finish(
        server.uuid, str(asked_by.request_id), CREATE, PowerState.RUNNING
    )
    found = db.instance_get(server.uuid)
    assert found is not None
    return found


def _start(db: Database, server: Instance, request_id: str, action: Action) -> None:
    db.instance_start(server.uuid, request_id, [action], _HOST)


def create(db: Database) -> None:
    asked_by, server = _create(db)
    db.instance_prepare(server.uuid, force_config_drive=True)
    _start(db, server, str(asked_by.request_id), CREATE)
    db.instance_fail(server.uuid, str(asked_by.request_id), CREATE, _FAILED, _HOST)
    db.instance_get(server.uuid, _PROJECT)


def create_that_is_not_delivered(db: Database) -> None:
    asked_by, server = _create(db)
    db.instance_discard(server.uuid, str(asked_by.request_id))


def create_without_a_host(db: Database) -> None:
    with pytest.raises(exception.NoValidHost):
        _create(db, "nowhere")
    server = db.instance_bury(context(), new_instance(), _FAILED, _HOST)
    db.instance_delete_unplaced(context(), server.uuid)


def pause(db: Database) -> None:
    server = _active(db)
    asked_by = context()
    db.instance_claim(asked_by, server.uuid, PAUSE)
    _start(db, server, str(asked_by.request_id), PAUSE)
    db.instance_finish(server.uuid, str(asked_by.request_id), PAUSE, PowerState.PAUSED)
    _start(db, server, str(asked_by.request_id), PAUSE)  # a late message


def reboot(db: Database) -> None:
    server = _active(db)
    asked_by = context()
    request_id = str(asked_by.request_id)
    assert db.service_rpc_version(_HOST) is None
    db.instance_claim(asked_by, server.uuid, REBOOT_HARD, {"type": "HARD"})
    _start(db, server, request_id, REBOOT_HARD)
    for step in REBOOT_HARD.task_states:
        assert db.instance_move(server.uuid, request_id, REBOOT_HARD, step)
    assert db.instance_is_held(server.uuid, request_id)
    db.instance_finish(server.uuid, request_id, REBOOT_HARD, PowerState.RUNNING)


def pause_that_is_not_delivered(db: Database) -> None:
    claim = db.instance_claim(context(), _active(db).uuid, PAUSE)
    assert claim is not None
    db.instance_unclaim(claim)


def delete(db: Database) -> None:
    server = _active(db)
    asked_by = context()
    db.instance_claim(asked_by, server.uuid, DELETE)
    assert db.instance_is_claimed_lately(server.uuid, DELETE, 60)
    _start(db, server, str(asked_by.request_id), DELETE)
    db.instance_finish(
        server.uuid, str(asked_by.request_id), DELETE, PowerState.NOSTATE
    )
    db.instance_get(server.uuid, deleted_too=True)


def soft_delete_and_restore(db: Database) -> None:
    server = _active(db)
    quota = CreateQuota(
        project=Amounts(instances=1000, cores=1000, ram=-1),
        user=Amounts(instances=900, cores=-1, ram=-1),
    )
    for action in (SOFT_DELETE, RESTORE):
        asked_by = context()
        restored = (server, quota) if action is RESTORE else None
        db.instance_claim(asked_by, server.uuid, action, restored=restored)
        _start(db, server, str(asked_by.request_id), action)
        db.instance_finish(
            server.uuid, str(asked_by.request_id), action, PowerState.SHUTDOWN
        )
        db.instances_to_reclaim(_HOST, 60)


def settlement_and_sync(db: Database) -> None:
    server = _active(db)
    db.instance_claim(context(), server.uuid, PAUSE)
    assert db.instances_unfinished(_HOST, 0)
    db.instances_on(_HOST)
    other = _active(db)
    db.instance_set_power_state(other, PowerState.SHUTDOWN)
    db.instance_follow(
        context(), other, PAUSE, "compute_sync_power_state", PowerState.PAUSED
    )


def changes(db: Database) -> None:
    server = _active(db)
    db.instance_update(server.uuid, {"display_name": "other"})
    db.instance_metadata_change(server.uuid, frozenset(VMState), dict)
    db.instance_lock(context(), server.uuid, "owner", None, _HOST)
    db.instance_record_failure(context(), server.uuid, "odd", _FAILED, _HOST)
    db.instance_claim(context(), server.uuid, PAUSE)
    db.instance_reset_state(context(), server.uuid, VMState.ERROR)
    db.tags_set(server.uuid, ["a", "b"])
    db.tag_add(server.uuid, "c", 50)
    db.tag_remove(server.uuid, "c")
    db.tags_of([server.uuid])


def records(db: Database) -> None:
    server = _active(db)
    now = datetime.datetime(2026, 1, 1)
    (action,) = db.action_list(server.uuid, changes_since=now)
    db.action_list(server.uuid, limit=10, after=action.request_id, changes_before=now)
    db.action_get(server.uuid, action.request_id)


def a_subnet_that_is_taken(db: Database) -> None:
    """After 65,535 servers the numbers start again, so a number may be in use."""
    _, server = _create(db)
    with db._write() as connection:
        connection.exec_driver_sql(
            "INSERT IGNORE INTO subnets (number, instance_uuid)"
            f" VALUES (({server.id} - 1) MOD 65535 + 1, uuid())"
        )
    db.instance_prepare(server.uuid, force_config_drive=False)


def hosts(db: Database) -> None:
    db.service_take(_HOST, "boot", 60)
    db.compute_node_update(_HOST, _HAS, vcpus_limit=64, memory_mb_limit=65536)
    db.service_report(_HOST, "boot")
    db.service_leave(_HOST, "boot")


def another_host(db: Database) -> None:
    db.compute_node_update("other", _HAS, vcpus_limit=64, memory_mb_limit=65536)
    db.service_report("other", "boot")


def services(db: Database) -> None:
    service = db.service_list(60)[-1]
    assert [one.id for one in db.service_list(60, {"other"})] == [service.id]
    assert service.host == "other"
    db.service_update(service.id, {"disabled": True})
    db.service_delete(service)


def hypervisors(db: Database) -> None:
    (first, _) = db.hypervisor_list(60, limit=2)
    db.hypervisor_list(60, limit=2, after=first.id, name="full", with_servers=True)
    db.hypervisor_get(60, first.uuid)
    db.hypervisor_get(60, first.id, with_servers=True)


def aggregates(db: Database) -> None:
    made = db.aggregate_create("one", {})
    db.aggregate_add_host(made.id, "other")
    db.aggregate_change(
        made.id,
        {"availability_zone": "zone-1"},
        exception.CannotUpdateAggregate,
        name="two",
    )
    assert db.aggregate_list() != [made]
    with pytest.raises(exception.CannotUpdateAggregate):
        db.aggregate_change(
            made.id, {"availability_zone": None}, exception.CannotUpdateAggregate
        )
    db.aggregate_remove_host(made.id, "other")
    db.aggregate_delete(made.id)


def flavors(db: Database) -> None:
    db.flavor_create(_MORE)
    db.flavor_describe("77", "more than before")
    db.flavor_specs_set("77", {"a": "b"})
    db.flavor_spec_delete("77", "a")
    db.flavor_access_add("77", _PROJECT)
    db.flavor_access_list("77")
    db.flavor_get("77", _PROJECT)
    db.flavor_uuids(["77"], _PROJECT)
    db.flavor_list(FlavorFilter(project_id=_PROJECT), 10, _MORE)
    db.flavor_access_remove("77", _PROJECT)
    db.flavor_delete("77")


def keypairs(db: Database) -> None:
    values = {"type": "ssh", "fingerprint": "f", "public_key": "k"}
    db.keypair_create(_USER, "two", values, 100)
    db.keypair_get(_USER, "two")
    db.keypair_list(_USER, 10, "one")
    db.keypair_delete(_USER, "two")


def resizes(db: Database) -> None:
    server = _active(db)
    limits = Amounts(instances=-1, cores=1000, ram=-1)
    quota = CreateQuota(project=limits, user=limits)
    size = NewSize(
        flavor=_MORE,
        project_id=_PROJECT,
        user_id=_USER,
        quota=quota,
        may_stay=True,
        down_time=600,
    )
    kept = {"flavor": _MORE.to_dict(), "vm_state": VMState.ACTIVE}
    for action in (RESIZE, REVERT_RESIZE, RESIZE, CONFIRM_RESIZE):
        asked_by = context()
        request_id = str(asked_by.request_id)
        wanted = size if action is RESIZE else None
        db.instance_claim(asked_by, server.uuid, action, kept, size=wanted)
        _start(db, server, request_id, action)
        for step in action.task_states:
            db.instance_move(server.uuid, request_id, action, step, "compute_step")
        db.instance_finish(server.uuid, request_id, action, PowerState.RUNNING)
        if action is RESIZE:
            resized = db.migration_unconfirmed(server.uuid)
            assert resized is not None
            db.migration_get(server.uuid, resized.id)
            db.migrations_unconfirmed(_HOST, 0)
    refused = Refused(action="migrate", events=["cold"], migration_type="migration")
    db.move_refuse(context(), server, refused, _FAILED, _HOST)
    then, now = datetime.datetime(2026, 1, 1), datetime.datetime(2100, 1, 1)
    wanted_ones = MigrationFilter(
        equal={"instance_uuid": server.uuid},
        host=_HOST,
        changes_since=then,
        changes_before=now,
        newest_first=True,
    )
    first, second, third = db.migration_list(wanted_ones, 10)
    assert db.migration_list(wanted_ones, 10, first.uuid) == [second, third]


def server_groups(db: Database) -> None:
    group = ServerGroup(
        uuid=str(uuid.uuid4()),
        name="one",
        project_id=_PROJECT,
        user_id=_USER,
        policy="soft-anti-affinity",
        rules={},
    )
    db.server_group_create(group, 100, 50)
    for _ in range(2):
        _, server = _create(db, group_uuid=group.uuid)
    db.tags_set(server.uuid, ["b", "a"])
    found = db.tags_and_group_of(server.uuid, _PROJECT)
    assert found == (["a", "b"], group.uuid)
    db.server_group_get(group.uuid, _PROJECT)
    (listed,) = db.server_group_list(_PROJECT, 1, 5)
    assert len(listed.members) == 10
    db.server_group_count(_PROJECT, _USER)
    db.server_group_delete(group.uuid)


def quotas(db: Database) -> None:
    db.quota_set(_PROJECT, "", {"cores": 3, "ram": 4})
    db.quota_set(_PROJECT, _USER, {"cores": 2})
    db.quota_class_set("default", {"cores": 20})
    db.quota_class("default")
    db.quota_overrides(_PROJECT, _USER)
    db.quota_given(_PROJECT)
    db.quota_delete(_PROJECT, _USER)
    db.quota_delete(_PROJECT, None)
    db.quota_class_set("default", {"cores": -1})


def usage(db: Database) -> None:
    db.quota_usage(_PROJECT)
    db.quota_usage(_PROJECT, _USER)


STEPS: Final[tuple[Callable[[Database], None], ...]] = (
    another_host,
    create,
    create_that_is_not_delivered,
    create_without_a_host,
    pause,
    reboot,
    pause_that_is_not_delivered,
    delete,
    soft_delete_and_restore,
    settlement_and_sync,
    changes,
    records,
    a_subnet_that_is_taken,
    server_groups,
    resizes,
    hosts,
    aggregates,
    services,
    hypervisors,
    flavors,
    keypairs,
    quotas,
    usage,
)

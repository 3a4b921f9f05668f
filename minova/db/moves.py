# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Resizes and attempts to move servers: the rows of ``migrations``.

Until a resize is confirmed or reverted, its host keeps room for both flavors, and the
quotas count the larger value of each amount.  The transaction that closes the row ends
both.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.db import quotas
from minova.db.clock import utcnow
from minova.db.hosts import room as hosts
from minova.db.instances import lookup
from minova.db.tables import compute_nodes, flavors, instances, migrations
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.migration import (
    FINISHED,
    RESIZE,
    NewSize,
)
from minova.objects.quota import Amounts
from minova.vocabulary import instance_actions
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

_OPEN: Final = (
    *("pre-migrating", "migrating", "post-migrating"),
    *(FINISHED, "confirming", "reverting"),
)
ACTIONS: Final = frozenset(
    row.name
    for row in (
        instance_actions.RESIZE,
        instance_actions.CONFIRM_RESIZE,
        instance_actions.REVERT_RESIZE,
    )
)
"""The names of the actions that have a migration.

Names, because an action may be a copy with another ``failed_vm_state``.
"""
ENDED_BY: Final = ACTIONS | {instance_actions.DELETE.name}
STATUS: Final[Mapping[TaskState, str]] = {
    TaskState.RESIZE_PREP: "pre-migrating",
    TaskState.RESIZE_MIGRATING: "migrating",
    TaskState.RESIZE_MIGRATED: "post-migrating",
    TaskState.RESIZE_CONFIRMING: "confirming",
    TaskState.RESIZE_REVERTING: "reverting",
}
"""The row's status while its server has this ``task_state``."""
_OLD, _NEW = "old_flavor", "new_flavor"


def begin(
    connection: sa.Connection,
    instance_uuid: str,
    action: instance_actions.Action,
    size: NewSize | None,
) -> None:
    """Begin or continue the migration of a claim that was just taken.

    Nothing may have been read since the claim.

    Args:
        size: the wanted size, for a resize.

    Raises:
        TooManyInstances: the quota has no room for it.
        NoValidHostForResize: the host has no room for it, or takes no servers now.
    """
    if size is None:
        go_on(connection, instance_uuid, STATUS[action.task_state])
        return
    quotas.lock(connection, size.project_id)
    instance = lookup.read_one(connection, instance_uuid)
    assert instance is not None
    _take_room(connection, instance, size)


def _take_room(connection: sa.Connection, instance: Instance, wanted: NewSize) -> None:
    old, new = instance.flavor, wanted.flavor
    more = Amounts(
        instances=0,
        cores=max(0, new.vcpus - old.vcpus),
        ram=max(0, new.memory_mb - old.memory_mb),
    )
    quotas.check(connection, wanted.quota, instance.project_id, instance.user_id, more)
    states = hosts.host_states(connection, wanted.down_time)
    own = next((state for state in states if state.host == instance.host), None)
    if not wanted.may_stay or own is None or not hosts.take(connection, own, new):
        raise exception.NoValidHostForResize
    values: dict[str, Any] = {
        "vcpus": max(old.vcpus, new.vcpus),
        "memory_mb": max(old.memory_mb, new.memory_mb),
    }
    if wanted.disk_config is not None:
        values["disk_config"] = wanted.disk_config
    _set(connection, instance.uuid, values)
    node = connection.execute(
        sa.select(
            compute_nodes.c.hypervisor_hostname.label("dest_node"),
            compute_nodes.c.host_ip.label("dest_host"),
        ).where(compute_nodes.c.host == instance.host)
    ).one()
    status = {
        "migration_type": RESIZE,
        "status": STATUS[TaskState.RESIZE_PREP],
        "dest_compute": instance.host,
    }
    insert(connection, instance, old, new, {**status, **node._mapping})


def go_on(connection: sa.Connection, instance_uuid: str, status: str) -> None:
    """Record how far the resize of a server is."""
    connection.execute(
        sa.update(migrations)
        .where(_open_of(instance_uuid))
        .values(status=status, updated_at=utcnow())
    )


def finish(connection: sa.Connection, instance_uuid: str, action: str) -> None:
    """Record that an action succeeded."""
    if action == instance_actions.DELETE.name:
        leave(connection, instance_uuid, "confirmed")
    elif action == instance_actions.CONFIRM_RESIZE.name:
        _close(connection, instance_uuid, "confirmed", _NEW)
    elif action == instance_actions.REVERT_RESIZE.name:
        _close(connection, instance_uuid, "reverted", _OLD)
    elif row := _open(connection, instance_uuid):
        _set(connection, instance_uuid, _of_flavor(row.new_flavor))
        go_on(connection, instance_uuid, FINISHED)


def fail(
    connection: sa.Connection, instance_uuid: str, action: str, *, unharmed: bool
) -> None:
    """Record that an action failed, or that its claim was given back.

    Args:
        unharmed: the server is as before; a resized server waits again.
    """
    if action == instance_actions.RESIZE.name:
        _close(connection, instance_uuid, "error", _OLD)
    elif unharmed:
        go_on(connection, instance_uuid, FINISHED)
    else:
        confirms = action == instance_actions.CONFIRM_RESIZE.name
        _close(connection, instance_uuid, "error", _NEW if confirms else _OLD)


def settle_after_delete(connection: sa.Connection, instance_uuid: str) -> None:
    """Settle the resize of a server whose delete has failed.

    The delete may have taken the server over from a resize, a confirm or a revert.  A
    resized server waits again.  Any other server keeps the size that it has.
    """
    vm_state = connection.scalar(
        sa.select(instances.c.vm_state).where(instances.c.uuid == instance_uuid)
    )
    if vm_state is VMState.RESIZED:
        go_on(connection, instance_uuid, FINISHED)
    else:
        leave(connection, instance_uuid, "error")


def leave(connection: sa.Connection, instance_uuid: str, status: str) -> None:
    """End a server's resize, if there is one, after a delete or an admin's reset.

    The server keeps its current size.

    Args:
        status: for a resize that was done; any other gets ``error``.
    """
    row = _open(connection, instance_uuid)
    if row is not None:
        is_done = row.flavor == row.new_flavor
        stays = _NEW if is_done else _OLD
        _close(connection, instance_uuid, status if is_done else "error", stays)


def _close(
    connection: sa.Connection, instance_uuid: str, status: str, stays: str
) -> None:
    """Close the migration and give back the room of one of its two flavors.

    Args:
        stays: the flavor that the server has from now on.
    """
    row = _open(connection, instance_uuid)
    if row is None:
        return
    gone = row._mapping[_OLD if stays == _NEW else _NEW]
    kept = row._mapping[stays]
    nodes = compute_nodes.c
    connection.execute(
        sa.update(compute_nodes)
        .where(nodes.host == row.source_compute)
        .values(
            vcpus_used=nodes.vcpus_used - gone["vcpus"],
            memory_mb_used=nodes.memory_mb_used - gone["memory_mb"],
        )
    )
    counted = {"vcpus": kept["vcpus"], "memory_mb": kept["memory_mb"]}
    _set(connection, instance_uuid, {**_of_flavor(kept), **counted})
    go_on(connection, instance_uuid, status)


def _open(connection: sa.Connection, instance_uuid: str) -> sa.Row[Any] | None:
    """The open migration of a server, if there is one."""
    return connection.execute(
        sa.select(migrations, instances.c.flavor)
        .join(instances, instances.c.uuid == migrations.c.instance_uuid)
        .where(_open_of(instance_uuid))
    ).one_or_none()


def _open_of(instance_uuid: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        migrations.c.instance_uuid == instance_uuid, migrations.c.status.in_(_OPEN)
    )


def _of_flavor(flavor: Mapping[str, Any]) -> dict[str, Any]:
    uuid = sa.select(flavors.c.uuid).where(flavors.c.flavorid == flavor["flavorid"])
    return {"flavor": flavor, "flavor_uuid": uuid.scalar_subquery()}


def _set(
    connection: sa.Connection, instance_uuid: str, values: Mapping[str, Any]
) -> None:
    connection.execute(
        sa.update(instances).where(instances.c.uuid == instance_uuid).values(**values)
    )


def insert(
    connection: sa.Connection,
    instance: Instance,
    old: Flavor,
    new: Flavor,
    values: Mapping[str, Any],
) -> None:
    numbers = {
        name: sa.select(flavors.c.id)
        .where(flavors.c.flavorid == flavor.flavorid)
        .scalar_subquery()
        for name, flavor in (
            ("old_instance_type_id", old),
            ("new_instance_type_id", new),
        )
    }
    node = sa.select(compute_nodes.c.hypervisor_hostname).where(
        compute_nodes.c.host == instance.host
    )
    connection.execute(
        sa.insert(migrations).values(
            **values,
            **numbers,
            uuid=uuidutils.generate_uuid(),
            created_at=utcnow(),
            updated_at=utcnow(),
            instance_uuid=instance.uuid,
            user_id=instance.user_id,
            project_id=instance.project_id,
            source_compute=instance.host,
            source_node=node.scalar_subquery(),
            old_vm_state=instance.vm_state,
            old_flavor=old.to_dict(),
            new_flavor=new.to_dict(),
        )
    )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Resizes, and what was tried to move servers: the rows of ``migrations``.

While a resize is neither confirmed nor reverted, its host keeps room for both flavors,
and the quotas count of each amount the larger one.  Both end with the row's status, in
the same transaction.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova import exception
from minova.db import quotas
from minova.db.declarative import utcnow
from minova.db.hosts import room as hosts
from minova.db.instances import lookup
from minova.db.rows import compute_nodes, flavors, instances, migrations
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
"""The actions that have a migration; by name, for a row may be one with another end."""
ENDED_BY: Final = ACTIONS | {instance_actions.DELETE.name}
STATUS: Final[Mapping[TaskState, str]] = {
    TaskState.RESIZE_PREP: "pre-migrating",
    TaskState.RESIZE_MIGRATING: "migrating",
    TaskState.RESIZE_MIGRATED: "post-migrating",
    TaskState.RESIZE_CONFIRMING: "confirming",
    TaskState.RESIZE_REVERTING: "reverting",
}
"""What the row says while its server is in these states."""
_OLD, _NEW = "old_flavor", "new_flavor"


def begin(
    connection: sa.Connection,
    instance_uuid: str,
    action: instance_actions.Action,
    size: NewSize | None,
) -> None:
    """Go on as a claim says that was just taken; nothing was read since.

    Args:
        size: what a resize is to make of the server.

    Raises:
        TooManyInstances: the quota has no room for it.
        NoValidHostForResize: its host has none, or takes no servers now.
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
    """Let the row of a server say how far its resize is."""
    connection.execute(
        sa.update(migrations)
        .where(_open_of(instance_uuid))
        .values(status=status, updated_at=utcnow())
    )


def finish(connection: sa.Connection, instance_uuid: str, action: str) -> None:
    """An action has done what it was asked for."""
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
    """An action has failed, or its claim was given back.

    Args:
        unharmed: the server is what it was before: a resized one waits again.
    """
    if action == instance_actions.RESIZE.name:
        _close(connection, instance_uuid, "error", _OLD)
    elif unharmed:
        go_on(connection, instance_uuid, FINISHED)
    else:
        confirms = action == instance_actions.CONFIRM_RESIZE.name
        _close(connection, instance_uuid, "error", _NEW if confirms else _OLD)


def leave(connection: sa.Connection, instance_uuid: str, status: str) -> None:
    """A delete or an admin has taken a server from its resize, if it was in one.

    It keeps the size that it has.

    Args:
        status: of a resize that was done.
    """
    row = _open(connection, instance_uuid)
    if row is not None:
        is_done = row.flavor == row.new_flavor
        stays = _NEW if is_done else _OLD
        _close(connection, instance_uuid, status if is_done else "error", stays)


def _close(
    connection: sa.Connection, instance_uuid: str, status: str, stays: str
) -> None:
    """Give back the room of one of the flavors.

    Args:
        stays: which of the two the server has from now on.
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
    """The resize that a server is in; None for most."""
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

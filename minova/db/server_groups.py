# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups and their members."""

import collections
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from minova import exception
from minova.context import RequestContext
from minova.db import quotas, rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import group_members, groups, instances
from minova.objects.quota import UNLIMITED, CreateQuota
from minova.objects.server_group import MAX_PER_HOST, GroupHosts, ServerGroup


class ServerGroups(Transactions):
    @question
    def server_group_create(
        self, group: ServerGroup, project_limit: int, user_limit: int
    ) -> None:
        """Insert a group, if its project and its user may have one more.

        Raises:
            ServerGroupLimitExceeded: one of them may not.  Nothing was inserted.
        """
        with self._write() as connection:
            quotas.lock(connection, f"server_groups/{group.project_id}"[:255])
            for limit, user_id in ((project_limit, None), (user_limit, group.user_id)):
                count = _count(group.project_id, user_id)
                if limit != UNLIMITED and connection.scalar(count) >= limit:
                    raise exception.ServerGroupLimitExceeded
            connection.execute(
                sa.insert(groups).values(
                    created_at=utcnow(),
                    uuid=group.uuid,
                    name=group.name,
                    project_id=group.project_id,
                    user_id=group.user_id,
                    policy=group.policy,
                    rules=dict(group.rules),
                )
            )

    @question
    def server_group_get(
        self, group_uuid: str, project_id: str | None = None
    ) -> ServerGroup | None:
        """Read a group, of any project if none is given."""
        query = sa.select(groups).where(groups.c.uuid == group_uuid)
        with self._read_together() as connection:
            found = _with_members(connection, _of(project_id, query))
        return found[0] if found else None

    @question
    def server_group_list(
        self, project_id: str | None, limit: int, offset: int
    ) -> list[ServerGroup]:
        """A page of the groups of a project, or of all projects, oldest first."""
        query = sa.select(groups).order_by(groups.c.id).limit(limit).offset(offset)
        with self._read_together() as connection:
            return _with_members(connection, _of(project_id, query))

    @question
    def server_group_count(self, project_id: str, user_id: str | None = None) -> int:
        """How many groups a project has, or a user in it."""
        with self._read() as connection:
            return int(connection.scalar(_count(project_id, user_id)) or 0)

    @question
    def server_group_delete(self, group_uuid: str) -> bool:
        """Delete a group.  Its servers stay, without a group."""
        with self._write() as connection:
            row = _lock(connection, group_uuid)
            if row is None:
                return False
            connection.execute(
                sa.delete(group_members).where(group_members.c.group_id == row.id)
            )
            connection.execute(sa.delete(groups).where(groups.c.id == row.id))
        return True


def lock(connection: sa.Connection, group_uuid: str) -> sa.Row[Any]:
    """Make other creates in this group wait, and return the group's row.

    The next create then sees where this server went.  Must run before anything is
    read, like ``quotas.lock``.

    Raises:
        Invalid: the group was deleted since the request was checked.
    """
    row = _lock(connection, group_uuid)
    if row is None:
        raise exception.Invalid(str(exception.InstanceGroupNotFound(group_uuid)))
    return row


def join(
    connection: sa.Connection,
    context: RequestContext,
    group: sa.Row[Any],
    instance_uuid: str,
    quota: CreateQuota | None,
) -> GroupHosts:
    """Put a server that is being inserted into the group that ``lock`` returned.

    Returns:
        The hosts of the earlier members.

    Raises:
        GroupMemberLimitExceeded: the group may hold no more servers of the caller.
    """
    living = connection.execute(
        _living(instances.c.host, instances.c.user_id).where(
            group_members.c.group_id == group.id
        )
    ).all()
    if quota is not None and quota.group_members != UNLIMITED:
        own = sum(member.user_id == context.user_id for member in living)
        if own + quota.max_count > quota.group_members:
            raise exception.GroupMemberLimitExceeded
    connection.execute(
        sa.insert(group_members).values(group_id=group.id, instance_uuid=instance_uuid)
    )
    hosts = (member.host for member in living if member.host is not None)
    return GroupHosts(
        policy=group.policy,
        max_per_host=group.rules.get(MAX_PER_HOST, 1),
        members=collections.Counter(hosts),
    )


def leave(connection: sa.Connection, instance_uuid: str) -> None:
    """Take a server out of its group, in the transaction that deletes the server."""
    connection.execute(
        sa.delete(group_members).where(group_members.c.instance_uuid == instance_uuid)
    )


def _lock(connection: sa.Connection, group_uuid: str) -> sa.Row[Any] | None:
    query = sa.select(groups).where(groups.c.uuid == group_uuid).with_for_update()
    return connection.execute(query).one_or_none()


def _of(project_id: str | None, query: sa.Select[Any]) -> sa.Select[Any]:
    return (
        query if project_id is None else query.where(groups.c.project_id == project_id)
    )


def _count(project_id: str, user_id: str | None) -> sa.Select[Any]:
    query = _of(project_id, sa.select(sa.func.count()).select_from(groups))
    return query if user_id is None else query.where(groups.c.user_id == user_id)


def _living(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Members that still exist: an older n-cpu leaves deleted servers in the group."""
    return (
        sa.select(*columns)
        .join_from(
            group_members, instances, instances.c.uuid == group_members.c.instance_uuid
        )
        .where(rows.LIVING)
        .order_by(group_members.c.id)
    )


def _with_members(
    connection: sa.Connection, query: sa.Select[Any]
) -> list[ServerGroup]:
    found: Sequence[sa.Row[Any]] = connection.execute(query).all()
    members: dict[int, list[str]] = {row.id: [] for row in found}
    if members:
        living = _living(group_members.c.group_id, group_members.c.instance_uuid)
        of_these = living.where(group_members.c.group_id.in_(list(members)))
        for group_id, instance_uuid in connection.execute(of_these):
            members[group_id].append(instance_uuid)
    return [
        ServerGroup(
            uuid=row.uuid,
            name=row.name,
            project_id=row.project_id,
            user_id=row.user_id,
            policy=row.policy,
            rules=row.rules,
            members=members[row.id],
        )
        for row in found
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas: the stored limits, the current usage, and the check before an insert."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from minova import exception
from minova.context import RequestContext
from minova.db import rows
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import instances, quota_locks, quotas
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.quota import UNLIMITED, Amounts, CreateQuota, Overrides
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

DEFAULT_CLASS: Final = "default"
_COUNTS: Final = sa.or_(
    instances.c.vm_state != VMState.SOFT_DELETED,
    instances.c.task_state == TaskState.RESTORING,
)
"""A soft-deleted server does not count, until its restore is accepted."""


class Quotas(Transactions):
    @question
    def quota_overrides(self, project_id: str, user_id: str | None) -> Overrides:
        """All limits that are set for a project, for a user in it, and by default."""
        users = [""] if user_id is None else ["", user_id]
        query = sa.select(quotas).where(
            _of_class(DEFAULT_CLASS)
            | sa.and_(
                quotas.c.class_name == "",
                quotas.c.project_id == project_id,
                quotas.c.user_id.in_(users),
            )
        )
        found: dict[str, dict[str, int]] = {"default": {}, "project": {}, "user": {}}
        with self._read() as connection:
            for row in connection.execute(query):
                kind = (
                    "default"
                    if row.class_name
                    else "user"
                    if row.user_id
                    else "project"
                )
                found[kind][row.resource] = row.hard_limit
        return Overrides(**found)

    @question
    def quota_given(self, project_id: str) -> dict[str, int]:
        """Per resource, the sum of the limits set for the users of a project."""
        query = (
            sa.select(quotas.c.resource, sa.func.sum(quotas.c.hard_limit))
            .where(
                quotas.c.class_name == "",
                quotas.c.project_id == project_id,
                quotas.c.user_id != "",
                quotas.c.hard_limit != UNLIMITED,
            )
            .group_by(quotas.c.resource)
        )
        with self._read() as connection:
            return {name: int(total) for name, total in connection.execute(query)}

    @question
    def quota_class(self, class_name: str) -> dict[str, int]:
        """The limits that are set for a quota class."""
        query = sa.select(quotas.c.resource, quotas.c.hard_limit).where(
            _of_class(class_name)
        )
        with self._read() as connection:
            return {row.resource: row.hard_limit for row in connection.execute(query)}

    @question
    def quota_set(
        self, project_id: str, user_id: str, limits: Mapping[str, int]
    ) -> None:
        """Set limits of a project, or of a user in it if ``user_id`` is not empty."""
        with self._write() as connection:
            _store(connection, ("", project_id, user_id), limits)

    @question
    def quota_class_set(self, class_name: str, limits: Mapping[str, int]) -> None:
        with self._write() as connection:
            _store(connection, (class_name, "", ""), limits)

    @question
    def quota_delete(self, project_id: str, user_id: str | None) -> None:
        """Delete the limits of a user in a project, or all limits of the project."""
        mine = sa.and_(quotas.c.class_name == "", quotas.c.project_id == project_id)
        if user_id is not None:
            mine = sa.and_(mine, quotas.c.user_id == user_id)
        with self._write() as connection:
            connection.execute(sa.delete(quotas).where(mine))

    @question
    def quota_usage(self, project_id: str, user_id: str | None = None) -> Amounts:
        """The usage by the servers of a project, or of a user in it."""
        with self._read() as connection:
            return _usage(connection, project_id, user_id)


def check_create(
    connection: sa.Connection,
    owner: RequestContext | Instance,
    quota: CreateQuota,
    flavor: Flavor,
) -> None:
    """Check that a project has room for more servers.  Must start the transaction.

    Two requests cannot both take the last room: the first holds the project's lock
    until it has inserted.  Without a limit nothing is locked or counted.  The number of
    counted rows therefore never exceeds a limit by much.

    Raises:
        TooManyInstances: not even ``min_count`` servers fit.
    """
    one = Amounts(instances=1, cores=flavor.vcpus, ram=flavor.memory_mb)
    project_id = owner.project_id or ""
    if quota.project.unlimited and quota.user.unlimited:
        return
    lock(connection, project_id)
    check(connection, quota, project_id, owner.user_id, one)


def check(
    connection: sa.Connection,
    quota: CreateQuota,
    project_id: str,
    owner: str | None,
    one: Amounts,
) -> None:
    """Check that a project, and a user in it, have room.  Needs the project's lock.

    Raises:
        TooManyInstances: one of them has no room.
    """
    for limits, user_id in ((quota.project, None), (quota.user, owner)):
        if limits.unlimited or (user_id is not None and limits == quota.project):
            continue
        used = _usage(connection, project_id, user_id)
        if _over(limits, used, one.times(quota.min_count)):
            raise _too_many(quota, limits, used, one)


def lock(connection: sa.Connection, name: str) -> None:
    """Make everybody else who wants this lock wait until this transaction ends.

    Must run before anything is read.  MariaDB's later reads then see what the previous
    holder wrote.  SQLite has only one writer at a time anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    row = mysql.insert(quota_locks).values(name=name)
    connection.execute(row.on_duplicate_key_update(name=row.inserted.name))


def _too_many(
    quota: CreateQuota, limits: Amounts, used: Amounts, one: Amounts
) -> exception.TooManyInstances:
    wanted = one.times(quota.max_count)
    overs = _over(limits, used, wanted)
    requested = {
        "instances": str(quota.min_count)
        if quota.min_count == quota.max_count
        else f"{quota.min_count}-{quota.max_count}",
        "cores": str(wanted.cores),
        "ram": str(wanted.ram),
    }
    return exception.TooManyInstances(
        overs,
        [requested[name] for name in overs],
        [getattr(used, name) for name in overs],
        [getattr(limits, name) for name in overs],
    )


def _over(limits: Amounts, used: Amounts, more: Amounts) -> list[str]:
    """The names of the resources that would exceed their limit."""
    return [
        name
        for name in ("cores", "instances", "ram")
        if (limit := getattr(limits, name)) != UNLIMITED
        and getattr(more, name)
        and getattr(used, name) + getattr(more, name) > limit
    ]


def _usage(connection: sa.Connection, project_id: str, user_id: str | None) -> Amounts:
    query = sa.select(
        sa.func.count().label("instances"),
        sa.func.sum(instances.c.vcpus).label("cores"),
        sa.func.sum(instances.c.memory_mb).label("ram"),
    ).where(instances.c.project_id == project_id, rows.LIVING, _COUNTS)
    if user_id is not None:
        query = query.where(instances.c.user_id == user_id)
    row = connection.execute(query).one()
    # MariaDB's sums are Decimals, and NULL if there is no row.
    return Amounts(
        instances=row.instances, cores=int(row.cores or 0), ram=int(row.ram or 0)
    )


def _of_class(class_name: str) -> sa.ColumnElement[bool]:
    return sa.and_(quotas.c.class_name == class_name, quotas.c.project_id == "")


def _store(
    connection: sa.Connection, of: tuple[str, str, str], limits: Mapping[str, int]
) -> None:
    class_name, project_id, user_id = of
    key: dict[str, Any] = {
        "class_name": class_name,
        "project_id": project_id,
        "user_id": user_id,
    }
    lock(connection, f"{class_name}/{project_id}/{user_id}"[:255])
    for resource, limit in limits.items():
        mine = sa.and_(
            quotas.c.resource == resource,
            *(quotas.c[column] == value for column, value in key.items()),
        )
        known = connection.execute(
            sa.select(quotas.c.id).where(mine)
        ).scalar_one_or_none()
        if known is None:
            connection.execute(
                sa.insert(quotas).values(**key, resource=resource, hard_limit=limit)
            )
        else:
            connection.execute(sa.update(quotas).where(mine).values(hard_limit=limit))

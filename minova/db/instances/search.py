# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""SQL queries made from an ``InstanceFilter``."""

import datetime
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from minova.db import rows
from minova.db.tables import instances, tags
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary.vm_states import VMState

# Names that are no column, and columns that are shown in another form.
_OTHERS: Final[dict[str, sa.ColumnElement[Any]]] = {
    "flavorid": instances.c.flavor["flavorid"].as_string(),
    # The same as in `Flavors.flavor_uuids`.
    "flavor_uuid": sa.func.coalesce(
        instances.c.flavor_uuid, instances.c.flavor["flavorid"].as_string()
    ),
    # A server has at most one NIC; a deleted server has none.
    "address": sa.case(
        (rows.LIVING, instances.c.network_info[0]["address"].as_string())
    ),
    "config_drive": sa.case((instances.c.config_drive.is_(True), "True"), else_=""),
}


def page(
    wanted: InstanceFilter, limit: int, after: str | None = None
) -> sa.Select[Any]:
    """The query for a page of servers.

    Args:
        after: the page starts after the server with this uuid.
    """
    query = sa.select(*rows.INSTANCE).where(*_conditions(wanted))
    if wanted.project_id is not None and wanted.deleted is not None:
        # Without this hint, MariaDB (10.11) may read the servers of all projects until
        # it has found a full page of this project's servers.
        query = query.with_hint(
            instances, "USE INDEX (uuid, instances_project_deleted_idx)", "mysql"
        )
    # Several servers may have the same value.  The id makes the order unique, so two
    # pages never begin with the same server.
    keys = [(_sortable(name), down) for name, down in wanted.sort]
    keys.append((instances.c.id, True))
    if after is not None:
        query = query.where(_behind(after, keys))
    order = [key.desc() if down else key.asc() for key, down in keys]
    return query.order_by(*order).limit(limit)


def _conditions(wanted: InstanceFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        _column(name).in_(list(values)) for name, values in wanted.exact.items()
    ]
    conditions += [
        sa.cast(_column(name), sa.String(255)).regexp_match(expression)
        for name, expression in wanted.regex.items()
    ]
    if wanted.project_id is not None:
        conditions.append(instances.c.project_id == wanted.project_id)
    if wanted.deleted is not None:
        conditions.append(_deleted(wanted))
    if wanted.changed_since is not None:
        conditions.append(instances.c.updated_at >= wanted.changed_since)
    if wanted.changed_before is not None:
        conditions.append(instances.c.updated_at <= wanted.changed_before)
    conditions += [_tagged(tag) for tag in wanted.tags]
    if wanted.tags_any:
        conditions.append(_tagged(*wanted.tags_any))
    if wanted.not_tags:
        conditions.append(~sa.and_(*(_tagged(tag) for tag in wanted.not_tags)))
    if wanted.not_tags_any:
        conditions.append(~_tagged(*wanted.not_tags_any))
    return conditions


def _deleted(wanted: InstanceFilter) -> sa.ColumnElement[bool]:
    """The condition for living or for deleted servers.

    Soft-deleted servers count as neither, unless they are wanted too.
    """
    soft_deleted = instances.c.vm_state == VMState.SOFT_DELETED
    if wanted.deleted:
        return rows.DELETED | soft_deleted if wanted.soft_deleted_too else rows.DELETED
    return rows.LIVING if wanted.soft_deleted_too else rows.LIVING & ~soft_deleted


def _column(name: str) -> sa.ColumnElement[Any]:
    return _OTHERS[name] if name in _OTHERS else instances.c[name]


def _tagged(*any_of: str) -> sa.ColumnElement[bool]:
    carried = sa.exists().where(
        tags.c.instance_uuid == instances.c.uuid, tags.c.tag.in_(any_of)
    )
    return sa.and_(rows.LIVING, carried)


def _sortable(name: str) -> sa.ColumnElement[Any]:
    """A column with a value in place of NULL, because NULL compares with nothing."""
    column = _column(name)
    if isinstance(column.type, sa.DateTime):
        return sa.func.coalesce(column, sa.literal(datetime.datetime(1970, 1, 1)))
    if isinstance(column.type, sa.Integer | sa.Boolean):
        return sa.func.coalesce(column, -1)
    return sa.func.coalesce(sa.cast(column, sa.String(255)), "")


def _behind(
    after: str, keys: Sequence[tuple[sa.ColumnElement[Any], bool]]
) -> sa.ColumnElement[bool]:
    """The condition for everything that the order puts after a server.

    The statement itself reads the values of that server.  If they went through Python,
    their form might change.
    """
    marker = instances.alias("marker")
    former: list[sa.ColumnElement[bool]] = []
    places: list[sa.ColumnElement[bool]] = []
    for key, down in keys:
        # The same expression for the marker's row.
        at_marker = sa.sql.visitors.replacement_traverse(
            key,
            {},
            lambda element, **_: (
                marker.c[element.name]
                if isinstance(element, sa.Column) and element.table is instances
                else None
            ),
        )
        place = sa.select(at_marker).where(marker.c.uuid == after).scalar_subquery()
        places.append(sa.and_(*former, key < place if down else key > place))
        former.append(key == place)
    return sa.or_(*places)

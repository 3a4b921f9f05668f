# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which servers to list, and in which order."""

import dataclasses
import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter:
    """The conditions for a server to be listed.  The defaults do not filter.

    Names are column names, plus the others in ``db.instances.search``.

    Attributes:
        project_id: None asks for the servers of all projects.
        exact: for each name, the allowed values.
        regex: for each name, an expression that must be found in the value.
        deleted: None asks for living and deleted servers.
        soft_deleted_too: whether to show soft-deleted servers with either kind.
        changed_since, changed_before: UTC, without a zone; inclusive.
        tags, tags_any: the server must have all of these; at least one of these.
        not_tags, not_tags_any: it must not have all of these; not any of these.
        sort: names, the most important first, each with True for descending.  Servers
            that are equal are listed newest first.
    """

    project_id: str | None = None
    exact: Mapping[str, Collection[Any]] = dataclasses.field(default_factory=dict)
    regex: Mapping[str, str] = dataclasses.field(default_factory=dict)
    deleted: bool | None = False
    soft_deleted_too: bool = False
    changed_since: datetime.datetime | None = None
    changed_before: datetime.datetime | None = None
    tags: Sequence[str] = ()
    tags_any: Sequence[str] = ()
    not_tags: Sequence[str] = ()
    not_tags_any: Sequence[str] = ()
    sort: Sequence[tuple[str, bool]] = ()

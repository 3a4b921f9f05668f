# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which servers to list, and in which order."""

import dataclasses
import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter:
    """What a server must be to be listed; what is not said does not filter.

    The names are those of columns, and to sort by ``flavorid``.

    Attributes:
        project_id: whose servers; None asks for everybody's.
        exact: by name the values of which it must have one.
        regex: by name an expression that is found in the value.
        deleted: None asks for both kinds.
        soft_deleted_too: whether the soft-deleted ones are shown beside either kind.
        changed_since, changed_before: UTC, without a zone; inclusive.
        tags, tags_any: it must have all of these, one of these.
        not_tags, not_tags_any: it must not have all of these, not one of these.
        sort: names, the first counts most, and whether each is descending; the newest
            come first where these say nothing.
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

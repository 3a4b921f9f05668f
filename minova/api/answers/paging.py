# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Pages: ``limit``, ``marker``, and the link to the next page."""

from collections.abc import Sequence
from typing import Final
from urllib import parse

from minova.api.front.request import Request
from minova.api.validation.schema import Query

_LONGEST: Final = 9
"""Digits that are read; a longer number is large anyway."""


def limit_of(query: dict[str, str], max_limit: int) -> int:
    """How many items to list; never more than ``max_limit``."""
    digits = query.get("limit")
    if digits is None or len(digits) > _LONGEST:
        return max_limit
    return min(max_limit, int(digits))


def offset_of(query: dict[str, str]) -> int:
    """How many items to skip."""
    return int(query.get("offset", "0")[:_LONGEST])


def next_link(
    req: Request,
    query: Query,
    path: str,
    key: str,
    markers: Sequence[str],
    *,
    limit: int | None,
) -> dict[str, list[dict[str, str]]]:
    """Return the link to the next page under ``key``; empty if this page is not full.

    Args:
        path: the path of the list, such as ``servers/detail``.
        markers: the id of each item on this page.
        limit: None at a version without pages.
    """
    if not markers or len(markers) != limit:
        return {}
    # Sorted by name, as in Nova. Only the link of the first page has the marker last,
    # because the query has none. Values of one name keep their order: the first sort
    # key counts most.
    asked = dict(sorted(query.all.items())) | {"marker": [markers[-1]]}
    pairs = [(name, value) for name, values in asked.items() for value in values]
    address = f"{req.link(path)}?{parse.urlencode(pairs)}"
    return {key: [{"rel": "next", "href": address}]}

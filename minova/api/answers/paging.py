# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Pages: ``limit``, ``marker``, and the link to what comes next."""

from collections.abc import Sequence
from typing import Final
from urllib import parse

from minova.api.front.request import Request
from minova.api.validation.schema import Query

_LONGEST: Final = 9
"""Digits that are read of a number: of a longer one only its size counts."""


def limit_of(query: dict[str, str], max_limit: int) -> int:
    """How many items to list; never more than ``max_limit``."""
    digits = query.get("limit")
    if digits is None or len(digits) > _LONGEST:
        return max_limit
    return min(max_limit, int(digits))


def offset_of(query: dict[str, str]) -> int:
    """How many items to pass over."""
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
    """The link to the next page under its key, or nothing when this page is not full.

    Args:
        path: of the list, such as ``servers/detail``.
        markers: the id of each item that this page lists.
        limit: None at a version that has no pages.
    """
    if not markers or len(markers) != limit:
        return {}
    # By name, as in Nova, where the marker comes last on the first page, and in its
    # place later; what is given several times keeps the order it came in, for the first
    # sort key is the one that is sorted by first.
    asked = dict(sorted(query.all.items())) | {"marker": [markers[-1]]}
    pairs = [(name, value) for name, values in asked.items() for value in values]
    address = f"{req.link(path)}?{parse.urlencode(pairs)}"
    return {key: [{"rel": "next", "href": address}]}

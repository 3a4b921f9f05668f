# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The query string of GET /v2/images: filters, order, page."""

import csv
import dataclasses
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib import parse

from webob.exc import HTTPBadRequest

_DEFAULT_LIMIT: Final = 25
"""Glance's ``limit_param_default``."""

_MAX_LIMIT: Final = 1000
"""Glance's ``api_limit_max``."""

_PAGING: Final = {"limit", "marker", "sort", "sort_key", "sort_dir"}
_IN: Final = {"id", "name", "status", "container_format", "disk_format"}
_SORT_KEYS: Final = {
    "name", "status", "container_format", "disk_format", "size", "id", "created_at",
    "updated_at",
}  # fmt: skip
_VISIBILITIES: Final = {"public", "private", "shared", "community", "all"}
_NUMBERS: Final = {"size", "min_ram", "min_disk", "virtual_size"}
_FLAGS: Final = {"protected": False, "os_hidden": False}
_TIMES: Final = {"created_at", "updated_at"}
_IGNORED: Final = {"member_status"}
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq, "neq": operator.ne, "gt": operator.gt, "gte": operator.ge,
    "lt": operator.lt, "lte": operator.le,
}  # fmt: skip

Shown = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked query.

    Attributes:
        parameters: the parameters that a link to another page repeats.
        order: sort keys, each with True for descending; the first key counts most.
    """

    parameters: list[tuple[str, str]]
    filters: list[tuple[str, str]]
    order: list[tuple[str, bool]]
    limit: int
    marker: str | None

    def page(self, images: list[Shown]) -> list[Shown]:
        """Filter, sort, and cut out the page.

        Raises:
            HTTPBadRequest: the marker is not among the images, or a filter's value does
                not fit its attribute.
        """
        found = [
            image
            for image in images
            if all(matches(image, name, value) for name, value in self.filters)
        ]
        for key, down in reversed(self.order):
            found.sort(key=lambda image: (image[key] is None, image[key]), reverse=down)
        if self.marker is None:
            return found[: self.limit]
        ids = [image["id"] for image in found]
        if self.marker not in ids:
            raise HTTPBadRequest(explanation=f"Invalid marker {self.marker}")
        return found[ids.index(self.marker) + 1 :][: self.limit]


def read(query_string: str) -> Asked:
    """Read and check a query string.

    Raises:
        HTTPBadRequest: in Glance's words if Glance has this error.
    """
    # Bytes that are not UTF-8 match no name.
    parameters = parse.parse_qsl(query_string, keep_blank_values=True, errors="replace")
    values = dict(parameters)
    filters = [(name, text) for name, text in parameters if name not in _PAGING]
    for name, text in filters:
        check(name, text)
    return Asked(
        parameters=[pair for pair in parameters if pair[0] != "marker"],
        filters=filters,
        order=_order(parameters),
        limit=_limit(values.get("limit")),
        marker=values.get("marker"),
    )


def check(name: str, text: str) -> None:
    """Check the value of a filter.

    Raises:
        HTTPBadRequest: the filter does not take this value.
    """
    if name == "visibility" and text not in _VISIBILITIES:
        raise HTTPBadRequest(explanation=f"Invalid visibility value: {text}")
    number = name.removesuffix("_min").removesuffix("_max")
    if number in _NUMBERS and not re.fullmatch("[0-9]{1,18}", text):
        raise HTTPBadRequest(
            explanation=f"Unable to filter by {name} with value {text}: not a number"
        )
    if name in _FLAGS and text.lower() not in {"true", "false"}:
        raise HTTPBadRequest(
            explanation=f"Invalid value '{text}' for '{name}' filter. "
            "Valid values are case insensitive 'true' and 'false'."
        )


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    try:
        limit = int(text[:20])
    except ValueError:
        raise HTTPBadRequest(explanation="limit param must be an integer") from None
    if limit < 0:
        raise HTTPBadRequest(explanation="limit param must be positive")
    return min(limit, _MAX_LIMIT)


def _order(parameters: list[tuple[str, str]]) -> list[tuple[str, bool]]:
    keys = [text for name, text in parameters if name == "sort_key"]
    directions = [text for name, text in parameters if name == "sort_dir"]
    for texts in (text for name, text in parameters if name == "sort"):
        if keys or directions:
            raise HTTPBadRequest(
                explanation="Old and new sorting syntax cannot be combined"
            )
        pairs = [part.strip().partition(":") for part in texts.split(",")]
        return [_sorting(key, direction or "desc") for key, _colon, direction in pairs]
    keys = keys or ["created_at"]
    if len(directions) not in {0, 1, len(keys)}:
        raise HTTPBadRequest(
            explanation="Number of sort dirs does not match the number of sort keys"
        )
    if len(directions) < len(keys):
        directions = (directions or ["desc"]) * len(keys)
    order = [_sorting(*pair) for pair in zip(keys, directions, strict=True)]
    return [*order, ("id", order[-1][1])]


def _sorting(key: str, direction: str) -> tuple[str, bool]:
    if key not in _SORT_KEYS:
        raise HTTPBadRequest(
            explanation=f"Invalid sort key: {key}. It must be one of the following: "
            f"{', '.join(sorted(_SORT_KEYS))}."
        )
    if direction not in {"asc", "desc"}:
        raise HTTPBadRequest(explanation=f"Invalid sort direction: {direction}")
    return key, direction == "desc"


def matches(image: Shown, name: str, text: str) -> bool:
    """Whether an image passes one checked filter; a property must be equal."""
    if name in _IGNORED or (name == "visibility" and text == "all"):
        return True
    if name == "tag":
        return text in image["tags"]
    if name in _FLAGS:
        return bool(image[name] == (text.lower() == "true"))
    if name in _IN and text.startswith("in:"):
        return str(image[name]) in _listed(text.removeprefix("in:"))
    return _compares(image, name, text)


def _listed(text: str) -> list[str]:
    """Split ``a,"b,c"``; an item with a comma is in quotes."""
    try:
        return next(csv.reader([text]), [])
    except csv.Error as error:
        raise HTTPBadRequest(explanation=f"Invalid filter value: {error}") from None


def _compares(image: Shown, name: str, text: str) -> bool:
    """``size_min=100``, ``created_at=gt:2026-11-22T20:00:00Z``, or the value itself."""
    for suffix, compare in (("_min", operator.ge), ("_max", operator.le)):
        number = name.removesuffix(suffix)
        if number != name and number in _NUMBERS:
            return image[number] is not None and bool(compare(image[number], int(text)))
    word, colon, time = text.partition(":")
    if name in _TIMES and colon and word in _COMPARE:
        return _COMPARE[word](image[name], time)
    return name in image and str(image[name]) == text

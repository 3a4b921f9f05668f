# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors, /flavors/detail, /flavors/{flavor_id}."""

from collections.abc import Callable
from typing import Any

import falcon
from oslo_utils import strutils

from minova import exception
from minova.api import paging
from minova.api.request import Request
from minova.api.schemas.flavors import FLAVORS_QUERY
from minova.api.views import flavors as views
from minova.compute.api import API
from minova.objects.flavor import Flavor

View = Callable[[Request, Flavor], dict[str, Any]]


class FlavorsResource:
    """The list of flavors, open to everybody."""

    def __init__(self, compute_api: API, max_limit: int) -> None:
        self._compute_api = compute_api
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._list(req, resp, "flavors", views.basic)

    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        self._list(req, resp, "flavors/detail", views.detail)

    def _list(self, req: Request, resp: falcon.Response, path: str, view: View) -> None:
        query = FLAVORS_QUERY.read(req.query_string)
        limit = paging.limit_of(query, self._max_limit)
        flavors = self._compute_api.flavor_list(
            limit,
            query.get("marker"),
            is_public=_is_public(req, query),
            min_ram=_at_least(query, "minRam"),
            min_disk=_at_least(query, "minDisk"),
        )
        listed: dict[str, Any] = {"flavors": [view(req, flavor) for flavor in flavors]}
        if flavors:
            marker = flavors[-1].flavorid
            link = paging.next_link(req, path, flavors, limit, marker)
            if link is not None:
                listed["flavors_links"] = link
        resp.media = listed


class FlavorResource:
    """One flavor."""

    def __init__(self, compute_api: API) -> None:
        self._compute_api = compute_api

    def on_get(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        flavor = self._compute_api.flavor_get(flavor_id)
        resp.media = {"flavor": views.detail(req, flavor)}


def _is_public(req: Request, query: dict[str, str]) -> bool | None:
    """Which flavors to show: the public ones, unless an admin asks otherwise."""
    asked = query.get("is_public")
    if asked is None or not req.caller.is_admin:
        return True
    if asked.lower() == "none":
        return None
    try:
        return bool(strutils.bool_from_string(asked, strict=True))
    except ValueError:
        raise exception.Invalid(f"Invalid is_public filter [{asked}]") from None


def _at_least(query: dict[str, str], name: str) -> int:
    asked = query.get(name, "0")
    try:
        # More than any column holds is as good as the largest it holds.
        return max(-1, min(int(asked), 2**31 - 1))
    except ValueError:
        raise exception.Invalid(f"Invalid {name} filter [{asked}]") from None

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors, /flavors/detail, /flavors/{flavor_id}."""

from collections.abc import Callable
from typing import Any, Final

import falcon
from oslo_utils import strutils, uuidutils

from minova import exception
from minova.api.answers import paging
from minova.api.flavors import schema as schemas
from minova.api.flavors import view as views
from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.flavors import FlavorAPI
from minova.objects.flavor import Flavor, FlavorFilter
from minova.policy import Enforcer

View = Callable[[Flavor], dict[str, Any]]

_MANAGE: Final = "os_compute_api:os-flavor-manage"
_SPECS: Final = "os_compute_api:os-flavor-extra-specs:index"
# Ids grow with time, and no flavor has a weight, so these keys sort by id.
_SORTED_BY: Final = {"created_at": "id", "updated_at": "id", "vcpu_weight": "id"}


class OfFlavors:
    """A resource at or below /flavors."""

    def __init__(self, flavors: FlavorAPI, enforcer: Enforcer) -> None:
        self._flavors = flavors
        self._enforcer = enforcer

    def _detail(self, req: Request, flavor: Flavor) -> dict[str, Any]:
        allowed = self._enforcer.allows(req.caller, _SPECS)
        return views.detail(req, flavor, specs_shown=allowed)


class FlavorsResource(OfFlavors):
    """The list of flavors: everybody reads it, admins add to it."""

    def __init__(self, flavors: FlavorAPI, enforcer: Enforcer, max_limit: int) -> None:
        super().__init__(flavors, enforcer)
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._list(req, resp, "flavors", lambda flavor: views.basic(req, flavor))

    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        path = "flavors/detail"
        self._list(req, resp, path, lambda flavor: self._detail(req, flavor))

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Create a flavor.

        Raises:
            Invalid: 400.
            FlavorIdExists, FlavorExists: 409.
        """
        body = req.read_json()
        schemas.FLAVOR_CREATE.of(req.version).check(body)
        self._enforcer.authorize(req.caller, f"{_MANAGE}:create")
        flavor = self._flavors.create(_new_flavor(body["flavor"]))
        resp.media = {"flavor": self._detail(req, flavor)}

    def _list(self, req: Request, resp: falcon.Response, path: str, view: View) -> None:
        query = schemas.FLAVORS_QUERY.of(req.version).read(req.query_string)
        limit = paging.limit_of(query, self._max_limit)
        sort_key = query.get("sort_key", "flavorid")
        wanted = FlavorFilter(
            is_public=_is_public(req, query),
            project_id=req.caller.project_id,
            min_ram=_at_least(query, "minRam"),
            min_disk=_at_least(query, "minDisk"),
            name=query.get("name"),
            sort_key=_SORTED_BY.get(sort_key, sort_key),
            descending=query.get("sort_dir") == "desc",
        )
        flavors = self._flavors.get_all(req.caller, wanted, limit, query.get("marker"))
        ids = [flavor.flavorid for flavor in flavors]
        resp.media = {
            "flavors": [view(flavor) for flavor in flavors],
            **paging.next_link(req, query, path, "flavors_links", ids, limit=limit),
        }


class FlavorResource(OfFlavors):
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        flavor = self._flavors.get(req.caller, flavor_id)
        resp.media = {"flavor": self._detail(req, flavor)}

    @since("2.55")
    def on_put(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        """Change the description; nothing else of a flavor may change."""
        body = req.read_json()
        schemas.FLAVOR_UPDATE.check(body)
        self._enforcer.authorize(req.caller, f"{_MANAGE}:update")
        description = body["flavor"]["description"]
        flavor = self._flavors.describe(req.caller, flavor_id, description)
        resp.media = {"flavor": self._detail(req, flavor)}

    def on_delete(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        """Delete a flavor; servers that use it keep it."""
        self._enforcer.authorize(req.caller, f"{_MANAGE}:delete")
        self._flavors.delete(flavor_id)
        resp.status = falcon.HTTP_202


def _new_flavor(body: dict[str, Any]) -> Flavor:
    flavorid = body.get("id")
    if not flavorid or flavorid == "auto":
        flavorid = uuidutils.generate_uuid()
    return Flavor(
        flavorid=str(flavorid),
        name=body["name"],
        memory_mb=_whole("ram", body["ram"]),
        vcpus=_whole("vcpus", body["vcpus"]),
        root_gb=_whole("disk", body["disk"]),
        ephemeral_gb=_whole("ephemeral", body.get("OS-FLV-EXT-DATA:ephemeral", 0)),
        swap=_whole("swap", body.get("swap", 0)),
        rxtx_factor=_rxtx_factor(body.get("rxtx_factor", 1.0)),
        is_public=strutils.bool_from_string(
            body.get("os-flavor-access:is_public", True)
        ),
        description=body.get("description"),
    )


def _whole(name: str, value: int | float | str) -> int:
    """Read a number that passed the schema.

    The schema accepts 64.0, which Nova refuses only here. It also accepts more leading
    zeros than Python reads.
    """
    try:
        if not isinstance(value, float):
            return int(value)
    except ValueError:
        pass
    raise exception.Invalid(f"Invalid input received: {name} must be an integer")


def _rxtx_factor(value: float | str) -> float:
    """Read the factor; the schema does not notice that "0.0" is zero."""
    factor = float(value)
    if factor <= 0:
        raise exception.Invalid(
            "Invalid input received: 'rxtx_factor' argument must be a float between 0 "
            "and 3.40282e+38"
        )
    return factor


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
        # A number larger than the column can hold means the same as its largest.
        return max(-1, min(int(asked), 2**31 - 1))
    except ValueError:
        raise exception.Invalid(f"Invalid {name} filter [{asked}]") from None

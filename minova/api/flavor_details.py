# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors/{flavor_id}/os-extra_specs, …/os-flavor-access and …/action."""

from typing import Final

import falcon

from minova import exception
from minova.api import extra_specs
from minova.api.queries import takes_no_query
from minova.api.request import Request, parse_json
from minova.api.schemas import flavors as schemas
from minova.api.views import flavors as views
from minova.compute.flavors import FlavorAPI
from minova.objects.flavor import Flavor
from minova.policy import Enforcer

_SPECS: Final = "os_compute_api:os-flavor-extra-specs"
_ACCESS: Final = "os_compute_api:os-flavor-access"


class _Details:
    def __init__(self, flavors: FlavorAPI, enforcer: Enforcer) -> None:
        self._flavors = flavors
        self._enforcer = enforcer


class FlavorExtraSpecsResource(_Details):
    """Every extra spec of a flavor."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:index")
        flavor = self._flavors.get(req.caller, flavor_id)
        resp.media = {"extra_specs": dict(flavor.extra_specs)}

    def on_post(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        """Add extra specs; those that are there get the new value."""
        body = req.read_json()
        schemas.SPECS_CREATE.check(body)
        self._enforcer.authorize(req.caller, f"{_SPECS}:create")
        specs = extra_specs.texts(body["extra_specs"])
        extra_specs.check(req.version, specs)
        self._flavors.set_specs(flavor_id, specs)
        resp.media = body


class FlavorExtraSpecResource(_Details):
    """One extra spec."""

    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, flavor_id: str, key: str
    ) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:show")
        flavor = self._flavors.get(req.caller, flavor_id)
        if key not in flavor.extra_specs:
            raise exception.FlavorExtraSpecsNotFound(flavor_id, key)
        resp.media = {key: flavor.extra_specs[key]}

    def on_put(
        self, req: Request, resp: falcon.Response, flavor_id: str, key: str
    ) -> None:
        body = req.read_json()
        schemas.SPEC_UPDATE.check(body)
        self._enforcer.authorize(req.caller, f"{_SPECS}:update")
        if key not in body:
            raise exception.Invalid("Request body and URI mismatch")
        specs = extra_specs.texts(body)
        extra_specs.check(req.version, specs)
        self._flavors.set_specs(flavor_id, specs)
        resp.media = body

    def on_delete(
        self, req: Request, resp: falcon.Response, flavor_id: str, key: str
    ) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:delete")
        flavor = self._flavors.get(req.caller, flavor_id)
        self._flavors.delete_spec(flavor, key)


class FlavorAccessResource(_Details):
    """Which projects may use a private flavor."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        self._enforcer.authorize(req.caller, _ACCESS)
        flavor = self._flavors.get(req.caller, flavor_id)
        if flavor.is_public:
            raise exception.NoAccessList
        resp.media = views.access(flavor, self._flavors.access(flavor))


class FlavorActionResource(_Details):
    """Let a project use a private flavor, or no longer."""

    def on_post(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        """Do what the one key of the body says.

        Raises:
            NoSuchAction: 400.
            FlavorAccessExists, FlavorIsPublic: 409.
            FlavorAccessNotFound: 404.
        """
        body = parse_json(req.read_body())
        action = _only_key(body)
        rule = "add" if action == "addTenantAccess" else "remove"
        schemas.ACCESS[action].check(body)
        self._enforcer.authorize(req.caller, f"{_ACCESS}:{rule}_tenant_access")
        flavor = self._flavors.get(req.caller, flavor_id)
        project_id = body[action]["tenant"]
        if rule == "add":
            _refuse_public(req, flavor)
            self._flavors.add_access(flavor, project_id)
        else:
            self._flavors.remove_access(flavor, project_id)
        resp.media = views.access(flavor, self._flavors.access(flavor))


def _only_key(body: object) -> str:
    if not isinstance(body, dict) or len(body) != 1:
        raise exception.MalformedRequestBody
    (action,) = body
    if action not in schemas.ACCESS:
        raise exception.NoSuchAction(action)
    return str(action)


def _refuse_public(req: Request, flavor: Flavor) -> None:
    if flavor.is_public and req.version >= (2, 7):
        raise exception.FlavorIsPublic

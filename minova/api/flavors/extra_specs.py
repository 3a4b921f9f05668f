# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors/{flavor_id}/os-extra_specs[/{key}]."""

from typing import Final

from falcon import Response

from minova import exception
from minova.api.flavors import schema as schemas
from minova.api.flavors.resource import OfFlavors
from minova.api.front.request import Request
from minova.api.nova_words import extra_specs
from minova.api.validation.no_query import takes_no_query

_SPECS: Final = "os_compute_api:os-flavor-extra-specs"


class FlavorExtraSpecsResource(OfFlavors):
    @takes_no_query
    def on_get(self, req: Request, resp: Response, flavor_id: str) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:index")
        flavor = self._flavors.get(req.caller, flavor_id)
        resp.media = {"extra_specs": dict(flavor.extra_specs)}

    def on_post(self, req: Request, resp: Response, flavor_id: str) -> None:
        """Add extra specs; a spec that exists gets the new value."""
        body = req.read_json()
        schemas.SPECS_CREATE.check(body)
        self._enforcer.authorize(req.caller, f"{_SPECS}:create")
        specs = extra_specs.texts(body["extra_specs"])
        extra_specs.check(req.version, specs)
        self._flavors.set_specs(flavor_id, specs)
        resp.media = body


class FlavorExtraSpecResource(OfFlavors):
    @takes_no_query
    def on_get(self, req: Request, resp: Response, flavor_id: str, key: str) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:show")
        flavor = self._flavors.get(req.caller, flavor_id)
        if key not in flavor.extra_specs:
            raise exception.FlavorExtraSpecsNotFound(flavor_id, key)
        resp.media = {key: flavor.extra_specs[key]}

    def on_put(self, req: Request, resp: Response, flavor_id: str, key: str) -> None:
        body = req.read_json()
        schemas.SPEC_UPDATE.check(body)
        self._enforcer.authorize(req.caller, f"{_SPECS}:update")
        if key not in body:
            raise exception.Invalid("Request body and URI mismatch")
        specs = extra_specs.texts(body)
        extra_specs.check(req.version, specs)
        self._flavors.set_specs(flavor_id, specs)
        resp.media = body

    def on_delete(self, req: Request, resp: Response, flavor_id: str, key: str) -> None:
        self._enforcer.authorize(req.caller, f"{_SPECS}:delete")
        flavor = self._flavors.get(req.caller, flavor_id)
        self._flavors.delete_spec(flavor, key)

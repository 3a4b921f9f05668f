# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors/{flavor_id}/os-flavor-access and …/action."""

from typing import Final

import falcon

from minova import exception
from minova.api.flavors import schema as schemas
from minova.api.flavors import view as views
from minova.api.flavors.resource import OfFlavors
from minova.api.front.request import Request, parse_json
from minova.api.validation.no_query import takes_no_query

_ACCESS: Final = "os_compute_api:os-flavor-access"


class FlavorAccessResource(OfFlavors):
    """Which projects may use a private flavor."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        self._enforcer.authorize(req.caller, _ACCESS)
        flavor = self._flavors.get(req.caller, flavor_id)
        if flavor.is_public:
            raise exception.NoAccessList
        resp.media = views.access(flavor, self._flavors.access(flavor))


class FlavorActionResource(OfFlavors):
    """Gives a project access to a private flavor, or takes it away."""

    def on_post(self, req: Request, resp: falcon.Response, flavor_id: str) -> None:
        """Do the action that the only key of the body names.

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
            if flavor.is_public and req.version >= (2, 7):
                raise exception.FlavorIsPublic
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

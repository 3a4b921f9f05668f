# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /flavors."""

from minova.api.backend import Backend
from minova.api.flavors.access import FlavorAccessResource, FlavorActionResource
from minova.api.flavors.extra_specs import (
    FlavorExtraSpecResource,
    FlavorExtraSpecsResource,
)
from minova.api.flavors.resource import FlavorResource, FlavorsResource
from minova.api.front.routing import Route


def routes(backend: Backend) -> list[Route]:
    both = (backend.flavors, backend.enforcer)
    flavors = FlavorsResource(*both, backend.max_limit)
    one = "/v2.1/flavors/{flavor_id}"
    specs = f"{one}/os-extra_specs"
    return [
        Route("/v2.1/flavors", flavors),
        Route("/v2.1/flavors/detail", flavors, "detail"),
        Route(one, FlavorResource(*both)),
        Route(f"{one}/action", FlavorActionResource(*both)),
        Route(f"{one}/os-flavor-access", FlavorAccessResource(*both)),
        Route(specs, FlavorExtraSpecsResource(*both)),
        Route(f"{specs}/{{key}}", FlavorExtraSpecResource(*both)),
    ]

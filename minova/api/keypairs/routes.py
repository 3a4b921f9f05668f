# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /os-keypairs."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.keypairs.resource import KeypairResource, KeypairsResource


def routes(backend: Backend) -> list[Route]:
    both = (backend.keypairs, backend.enforcer)
    return [
        Route("/v2.1/os-keypairs", KeypairsResource(*both, backend.max_limit)),
        Route("/v2.1/os-keypairs/{name}", KeypairResource(*both)),
    ]

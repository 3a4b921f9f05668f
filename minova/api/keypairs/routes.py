# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /os-keypairs."""

from minova.api.collaborators import Parts
from minova.api.front.routing import Route
from minova.api.keypairs.resource import KeypairResource, KeypairsResource


def routes(parts: Parts) -> list[Route]:
    keypairs = KeypairsResource(parts.keypairs, parts.enforcer, parts.max_limit)
    return [
        Route("/v2.1/os-keypairs", keypairs),
        Route(
            "/v2.1/os-keypairs/{name}", KeypairResource(parts.keypairs, parts.enforcer)
        ),
    ]

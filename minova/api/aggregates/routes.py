# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /os-aggregates."""

from minova.api.aggregates.resource import (
    AggregateActionResource,
    AggregateImagesResource,
    AggregateResource,
    AggregatesResource,
)
from minova.api.backend import Backend
from minova.api.front.routing import Route


def routes(backend: Backend) -> list[Route]:
    both = (backend.aggregates, backend.enforcer)
    one = "/v2.1/os-aggregates/{aggregate_id}"
    return [
        Route("/v2.1/os-aggregates", AggregatesResource(*both)),
        Route(one, AggregateResource(*both)),
        Route(f"{one}/action", AggregateActionResource(*both)),
        Route(f"{one}/images", AggregateImagesResource(*both)),
    ]

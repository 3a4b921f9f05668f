# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The route of events from other services."""

from minova.api.backend import Backend
from minova.api.external_events.resource import ServerExternalEventsResource
from minova.api.front.routing import Route


def routes(backend: Backend) -> list[Route]:
    events = ServerExternalEventsResource(backend.compute, backend.enforcer)
    return [Route("/v2.1/os-server-external-events", events)]

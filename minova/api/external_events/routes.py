# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The path of events that other services tell."""

from minova.api.collaborators import Parts
from minova.api.external_events.resource import ServerExternalEventsResource
from minova.api.front.routing import Route


def routes(parts: Parts) -> list[Route]:
    events = ServerExternalEventsResource(parts.compute, parts.enforcer)
    return [Route("/v2.1/os-server-external-events", events)]

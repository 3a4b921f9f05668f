# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of a guest's password and topology."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.guests.resource import ServerPasswordResource, ServerTopologyResource


def routes(backend: Backend) -> list[Route]:
    both = (backend.compute, backend.enforcer)
    one = "/v2.1/servers/{server_id}"
    return [
        Route(f"{one}/os-server-password", ServerPasswordResource(*both)),
        Route(f"{one}/topology", ServerTopologyResource(*both)),
    ]

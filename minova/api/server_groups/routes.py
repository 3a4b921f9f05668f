# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /os-server-groups."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.server_groups.resource import ServerGroupResource, ServerGroupsResource


def routes(backend: Backend) -> list[Route]:
    both = (backend.server_groups, backend.enforcer)
    groups = ServerGroupsResource(*both, backend.max_limit)
    group = ServerGroupResource(*both)
    return [
        Route("/v2.1/os-server-groups", groups),
        Route("/v2.1/os-server-groups/{group_id}", group),
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of migrations."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.migrations.resource import (
    MigrationsResource,
    ServerMigrationActionResource,
    ServerMigrationResource,
    ServerMigrationsResource,
)


def routes(backend: Backend) -> list[Route]:
    both = (backend.compute, backend.enforcer)
    of_server = "/v2.1/servers/{server_id}/migrations"
    one = f"{of_server}/{{migration_id}}"
    return [
        Route("/v2.1/os-migrations", MigrationsResource(*both, backend.max_limit)),
        Route(of_server, ServerMigrationsResource(*both)),
        Route(one, ServerMigrationResource(*both)),
        Route(f"{one}/action", ServerMigrationActionResource(*both)),
    ]

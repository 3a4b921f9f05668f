# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The Falcon app: the routes of every resource, and the middleware before them."""

from typing import Any

import falcon

from minova.api.aggregates import routes as aggregates
from minova.api.attachments import routes as attachments
from minova.api.backend import Backend
from minova.api.external_events import routes as external_events
from minova.api.flavors import routes as flavors
from minova.api.front import errors, microversion, routing
from minova.api.front.request import Request
from minova.api.front.routing import Route
from minova.api.guests import routes as guests
from minova.api.hosts import routes as hosts
from minova.api.images import routes as images
from minova.api.keypairs import routes as keypairs
from minova.api.migrations import routes as migrations
from minova.api.nova_words import routes as nova_words
from minova.api.quotas import routes as quotas
from minova.api.server_groups import routes as server_groups
from minova.api.servers import routes as servers
from minova.api.usage import routes as usage
from minova.api.versions import LegacyVersionResource, VersionResource, VersionsResource


def create_app(backend: Backend) -> falcon.App[Any, Any]:
    """Make the app that answers the requests that ``deploy`` lets through."""
    route_list = [
        *_versions(backend.max_version),
        *servers.routes(backend),
        *guests.routes(backend),
        *attachments.routes(backend),
        *migrations.routes(backend),
        *images.routes(backend),
        *flavors.routes(backend),
        *hosts.routes(backend),
        *aggregates.routes(backend),
        *keypairs.routes(backend),
        *quotas.routes(backend),
        *server_groups.routes(backend),
        *usage.routes(backend),
        *external_events.routes(backend),
        *nova_words.routes(backend),
    ]
    middleware: list[Any] = [
        routing.SlashesOnce(),
        routing.OnlyRoutedMethods(route_list),
        microversion.Microversion(backend.max_version),
        routing.ProjectInPath(route_list),
    ]
    app = falcon.App(request_type=Request, middleware=middleware)
    errors.install(app)
    for route in route_list:
        app.add_route(route.path, route.resource, suffix=route.suffix)
    return app


def _versions(highest: tuple[int, int]) -> list[Route]:
    return [
        Route("/", VersionsResource(highest)),
        Route("/v2.1", VersionResource(highest)),
        Route("/v2.1/", VersionResource(highest)),
        Route("/v2", LegacyVersionResource()),
        Route("/v2/", LegacyVersionResource()),
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes."""

from typing import Any

import falcon

from minova.api import errors, microversion, routing
from minova.api.flavors import FlavorResource, FlavorsResource
from minova.api.images import ImageResource, ImagesResource
from minova.api.instance_actions import InstanceActionResource, InstanceActionsResource
from minova.api.request import Request
from minova.api.routing import Route
from minova.api.server import ServerResource
from minova.api.server_actions import ServerActionResource
from minova.api.server_metadata import (
    ServerMetadataItemResource,
    ServerMetadataResource,
)
from minova.api.server_tags import ServerTagResource, ServerTagsResource
from minova.api.servers import ServersResource
from minova.api.services import ServicesResource
from minova.api.versions import (
    LegacyVersionResource,
    VersionResource,
    VersionsResource,
)
from minova.compute.api import API
from minova.policy import Enforcer


def create_app(
    compute_api: API, enforcer: Enforcer, max_limit: int
) -> falcon.App[Any, Any]:
    """Make the app that answers what ``deploy`` lets through.

    Args:
        max_limit: how many items an answer lists at most.
    """
    routes = [
        *_routes_of_servers(compute_api, enforcer, max_limit),
        *_routes_of_the_rest(compute_api, enforcer, max_limit),
    ]
    middleware: list[Any] = [
        routing.OnlyRoutedMethods(routes),
        microversion.Microversion(),
        routing.ProjectInPath(routes),
    ]
    app = falcon.App(request_type=Request, middleware=middleware)
    errors.install(app)
    for route in routes:
        app.add_route(route.path, route.resource, suffix=route.suffix)
    return app


def _routes_of_servers(
    compute_api: API, enforcer: Enforcer, max_limit: int
) -> list[Route]:
    servers = ServersResource(compute_api, enforcer, max_limit)
    one = "/v2.1/servers/{server_id}"
    records = InstanceActionsResource(compute_api, enforcer)
    record = InstanceActionResource(compute_api, enforcer)
    return [
        Route("/v2.1/servers", servers),
        Route("/v2.1/servers/detail", servers, "detail"),
        Route(one, ServerResource(compute_api, enforcer)),
        Route(f"{one}/action", ServerActionResource(compute_api, enforcer)),
        Route(f"{one}/metadata", ServerMetadataResource(compute_api, enforcer)),
        Route(
            f"{one}/metadata/{{key}}", ServerMetadataItemResource(compute_api, enforcer)
        ),
        Route(f"{one}/tags", ServerTagsResource(compute_api, enforcer)),
        Route(f"{one}/tags/{{tag}}", ServerTagResource(compute_api, enforcer)),
        Route(f"{one}/os-instance-actions", records),
        Route(f"{one}/os-instance-actions/{{request_id}}", record),
    ]


def _routes_of_the_rest(
    compute_api: API, enforcer: Enforcer, max_limit: int
) -> list[Route]:
    flavors = FlavorsResource(compute_api, max_limit)
    images = ImagesResource(compute_api, max_limit)
    return [
        Route("/", VersionsResource()),
        Route("/v2.1", VersionResource()),
        Route("/v2.1/", VersionResource()),
        Route("/v2/", LegacyVersionResource()),
        Route("/v2.1/flavors", flavors),
        Route("/v2.1/flavors/detail", flavors, "detail"),
        Route("/v2.1/flavors/{flavor_id}", FlavorResource(compute_api)),
        Route("/v2.1/images", images),
        Route("/v2.1/images/detail", images, "detail"),
        Route("/v2.1/images/{image_id}", ImageResource(compute_api)),
        Route("/v2.1/os-services", ServicesResource(compute_api, enforcer)),
    ]

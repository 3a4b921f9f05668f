# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes."""

from typing import Any

import falcon

from minova.api import errors, microversion, routes, routing
from minova.api.image_metadata import ImageMetadataItemResource, ImageMetadataResource
from minova.api.images import ImageResource, ImagesResource
from minova.api.instance_actions import InstanceActionResource, InstanceActionsResource
from minova.api.parts import Parts
from minova.api.request import Request
from minova.api.routing import Route
from minova.api.server import ServerResource
from minova.api.server_actions import ServerActionResource
from minova.api.server_details import (
    AddressesResource,
    DiagnosticsResource,
    SecurityGroupsResource,
)
from minova.api.server_metadata import (
    ServerMetadataItemResource,
    ServerMetadataResource,
)
from minova.api.server_tags import ServerTagResource, ServerTagsResource
from minova.api.servers import ServersResource
from minova.api.versions import (
    LegacyVersionResource,
    VersionResource,
    VersionsResource,
)


def create_app(parts: Parts) -> falcon.App[Any, Any]:
    """Make the app that answers what ``deploy`` lets through."""
    route_list = [
        *_versions(),
        *_servers(parts),
        *_images(parts),
        *routes.of_flavors(parts),
        *routes.of_hosts(parts),
        *routes.of_projects_and_users(parts),
        *routes.of_the_rest(parts),
    ]
    middleware: list[Any] = [
        routing.SlashesOnce(),
        routing.OnlyRoutedMethods(route_list),
        microversion.Microversion(),
        routing.ProjectInPath(route_list),
    ]
    app = falcon.App(request_type=Request, middleware=middleware)
    errors.install(app)
    for route in route_list:
        app.add_route(route.path, route.resource, suffix=route.suffix)
    return app


def _versions() -> list[Route]:
    return [
        Route("/", VersionsResource()),
        Route("/v2.1", VersionResource()),
        Route("/v2.1/", VersionResource()),
        Route("/v2", LegacyVersionResource()),
        Route("/v2/", LegacyVersionResource()),
    ]


def _servers(parts: Parts) -> list[Route]:
    both = (parts.compute, parts.enforcer)
    servers = ServersResource(parts)
    one = "/v2.1/servers/{server_id}"
    records = f"{one}/os-instance-actions"
    addresses = AddressesResource(*both)
    return [
        Route("/v2.1/servers", servers),
        Route("/v2.1/servers/detail", servers, "detail"),
        Route(one, ServerResource(*both)),
        Route(f"{one}/action", ServerActionResource(*both)),
        Route(f"{one}/metadata", ServerMetadataResource(*both)),
        Route(f"{one}/metadata/{{key}}", ServerMetadataItemResource(*both)),
        Route(f"{one}/tags", ServerTagsResource(*both)),
        Route(f"{one}/tags/{{tag}}", ServerTagResource(*both)),
        Route(records, InstanceActionsResource(*both, parts.max_limit)),
        Route(f"{records}/{{request_id}}", InstanceActionResource(*both)),
        Route(f"{one}/diagnostics", DiagnosticsResource(*both)),
        Route(f"{one}/ips", addresses),
        Route(f"{one}/ips/{{label}}", addresses, "one"),
        Route(f"{one}/os-security-groups", SecurityGroupsResource(*both)),
    ]


def _images(parts: Parts) -> list[Route]:
    images = ImagesResource(parts.compute, parts.max_limit)
    both = (parts.compute, parts.quotas)
    one = "/v2.1/images/{image_id}"
    return [
        Route("/v2.1/images", images),
        Route("/v2.1/images/detail", images, "detail"),
        Route(one, ImageResource(parts.compute)),
        Route(f"{one}/metadata", ImageMetadataResource(*both)),
        Route(f"{one}/metadata/{{key}}", ImageMetadataItemResource(*both)),
    ]

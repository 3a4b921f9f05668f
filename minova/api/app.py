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
from minova.api.server_actions import ServerActionResource
from minova.api.servers import ServerResource, ServersResource
from minova.api.services import ServicesResource
from minova.api.versions import VersionResource, VersionsResource
from minova.compute.api import API
from minova.policy import Enforcer


def create_app(
    compute_api: API, enforcer: Enforcer, max_limit: int
) -> falcon.App[Any, Any]:
    """Make the app that answers what ``deploy`` lets through.

    Args:
        max_limit: how many items an answer lists at most.
    """
    middleware: list[Any] = [
        routing.ProjectInPath(),
        routing.OnlyRoutedMethods(),
        microversion.Microversion(),
    ]
    app = falcon.App(request_type=Request, middleware=middleware)
    errors.install(app)

    servers = ServersResource(compute_api, enforcer, max_limit)
    server = ServerResource(compute_api, enforcer)
    action = ServerActionResource(compute_api, enforcer)
    records = InstanceActionsResource(compute_api, enforcer)
    record = InstanceActionResource(compute_api, enforcer)
    flavors = FlavorsResource(compute_api, max_limit)
    images = ImagesResource(compute_api, max_limit)

    app.add_route("/", VersionsResource())
    app.add_route("/v2.1", VersionResource())
    app.add_route("/v2.1/", VersionResource())
    app.add_route("/v2.1/servers", servers)
    app.add_route("/v2.1/servers/detail", servers, suffix="detail")
    app.add_route("/v2.1/servers/{server_id}", server)
    app.add_route("/v2.1/servers/{server_id}/action", action)
    app.add_route("/v2.1/servers/{server_id}/os-instance-actions", records)
    app.add_route("/v2.1/servers/{server_id}/os-instance-actions/{request_id}", record)
    app.add_route("/v2.1/flavors", flavors)
    app.add_route("/v2.1/flavors/detail", flavors, suffix="detail")
    app.add_route("/v2.1/flavors/{flavor_id}", FlavorResource(compute_api))
    app.add_route("/v2.1/images", images)
    app.add_route("/v2.1/images/detail", images, suffix="detail")
    app.add_route("/v2.1/images/{image_id}", ImageResource(compute_api))
    app.add_route("/v2.1/os-services", ServicesResource(compute_api, enforcer))
    return app

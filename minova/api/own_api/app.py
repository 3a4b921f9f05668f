# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of minova's own API, and the shapes of its answers."""

from typing import Any, Final

import falcon

from minova.api.faults.orders import Orders
from minova.api.front import errors
from minova.api.front.request import Request
from minova.api.own_api.faults import FaultResource, FaultsResource
from minova.api.own_api.local import (
    CloudResource,
    ImagesResource,
    LocalCloud,
    RequestsResource,
    ResetResource,
)
from minova.api.own_api.schemas import SchemaResource, SchemasResource
from minova.api.own_api.versions import VersionResource, VersionsResource
from minova.api.own_api.views.faults import FAULT, FAULTS
from minova.api.own_api.views.local import CLOUD, REQUESTS
from minova.api.own_api.views.schemas import SCHEMA, SCHEMAS
from minova.api.own_api.views.versions import VERSION, VERSIONS

PREFIX: Final = "/minova"

SHAPES: Final = (VERSIONS, VERSION, SCHEMAS, SCHEMA)
"""The shapes of every answer in a cluster."""


def create_app(
    local: LocalCloud | None = None, orders: Orders | None = None
) -> falcon.App[Any, Any]:
    """Make the app; its paths come after ``PREFIX``, with or without a trailing slash.

    Args:
        local: a cloud in one process, which serves more paths.
        orders: takes the orders of faults; in a cluster, only those of admins.
    """
    shapes = SHAPES if local is None else (*SHAPES, CLOUD, REQUESTS)
    if orders is not None:
        shapes = (*shapes, FAULTS, FAULT)
    app = falcon.App(request_type=Request)
    app.req_options.strip_url_path_trailing_slash = True
    errors.install(app)
    app.add_sink(_no_route)
    app.add_route("/", VersionsResource())
    app.add_route("/v1", VersionResource())
    app.add_route("/v1/schemas", SchemasResource(shapes))
    app.add_route("/v1/schemas/{name}", SchemaResource(shapes))
    if local is not None:
        app.add_route("/v1/cloud", CloudResource(local))
        app.add_route("/v1/requests", RequestsResource(local))
        app.add_route("/v1/reset", ResetResource(local))
        app.add_route("/v1/images", ImagesResource(local))
    if orders is not None:
        only_admins = local is None
        every = FaultsResource(orders, only_admins=only_admins)
        app.add_route("/v1/faults", every)
        one = FaultResource(orders, only_admins=only_admins)
        app.add_route("/v1/faults/{fault_id}", one)
    return app


def _no_route(req: Request, resp: falcon.Response, **_: Any) -> None:
    """Answer in Nova's shape of a fault; the Compute API answers in WebOb's."""
    raise falcon.HTTPNotFound(description="The resource could not be found.")

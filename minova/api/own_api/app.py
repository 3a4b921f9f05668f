# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of minova's own API, and the shapes of its answers."""

from typing import Any, Final

import falcon

from minova.api.front import errors
from minova.api.front.request import Request
from minova.api.own_api.schemas import SchemaResource, SchemasResource
from minova.api.own_api.versions import VersionResource, VersionsResource
from minova.api.own_api.views.schemas import SCHEMA, SCHEMAS
from minova.api.own_api.views.versions import VERSION, VERSIONS

PREFIX: Final = "/minova"

SHAPES: Final = (VERSIONS, VERSION, SCHEMAS, SCHEMA)
"""Of every answer there is."""


def create_app() -> falcon.App[Any, Any]:
    """Make the app; the paths are those behind ``PREFIX``, with or without a slash."""
    app = falcon.App(request_type=Request)
    app.req_options.strip_url_path_trailing_slash = True
    errors.install(app)
    app.add_sink(_no_route)
    app.add_route("/", VersionsResource())
    app.add_route("/v1", VersionResource())
    app.add_route("/v1/schemas", SchemasResource(SHAPES))
    app.add_route("/v1/schemas/{name}", SchemaResource(SHAPES))
    return app


def _no_route(req: Request, resp: falcon.Response, **_: Any) -> None:
    """Refuse it in the shape of a fault, where the Compute API has WebOb's."""
    raise falcon.HTTPNotFound(description="The resource could not be found.")

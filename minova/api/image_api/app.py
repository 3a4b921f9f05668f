# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes, and the errors in WebOb's shape, as in Glance."""

from typing import Any, Final

import falcon
import webob
import webob.exc

from minova import exception
from minova.api.front.loggers import WSGI as LOG
from minova.api.front.request import Request
from minova.api.image_api import schemas
from minova.api.image_api.images import FileResource, ImageResource, ImagesResource
from minova.api.image_api.versions import VersionsResource
from minova.images import ImageSource

PREFIX: Final = "/image"


def create_app(images: ImageSource) -> falcon.App[Any, Any]:
    """Make the app; its paths come after ``PREFIX``."""
    app = falcon.App(request_type=Request)
    app.add_error_handler(Exception, _on_bug)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(webob.exc.HTTPException, _on_webob)
    app.add_error_handler(exception.Unavailable, _on_unavailable)
    app.add_route("/", VersionsResource(falcon.HTTP_300))
    app.add_route("/versions", VersionsResource(falcon.HTTP_200))
    app.add_route("/v2/images", ImagesResource(images))
    app.add_route("/v2/images/{image_id}", ImageResource(images))
    app.add_route("/v2/images/{image_id}/file", FileResource(images))
    for name, document in schemas.DOCUMENTS.items():
        app.add_route(f"/v2/schemas/{name}", schemas.SchemaResource(document))
    return app


def _on_webob(
    req: Request, resp: falcon.Response, error: webob.exc.HTTPException, params: Any
) -> None:
    LOG.info("HTTP exception thrown: %s", error.explanation)
    answer = webob.Request(req.env).get_response(error)
    resp.status = answer.status
    resp.content_type = answer.headers["Content-Type"]
    resp.data = answer.body


def _on_http_error(
    req: Request, resp: falcon.Response, error: falcon.HTTPError, params: Any
) -> None:
    kind = webob.exc.status_map.get(error.status_code, webob.exc.HTTPBadRequest)
    said = {"explanation": error.description} if error.description else {}
    _on_webob(req, resp, kind(**said), params)
    resp.set_headers(error.headers or {})


def _on_unavailable(
    req: Request, resp: falcon.Response, error: exception.Unavailable, params: Any
) -> None:
    _on_webob(
        req, resp, webob.exc.HTTPServiceUnavailable(explanation=str(error)), params
    )


def _on_bug(req: Request, resp: falcon.Response, error: Exception, params: Any) -> None:
    LOG.exception("Unexpected exception in Image API method")
    _on_webob(req, resp, webob.exc.HTTPInternalServerError(), params)

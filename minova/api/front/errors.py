# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Kind of error → status and fault document, as in Nova."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import falcon

from minova import exception
from minova.api import versions
from minova.api.front.loggers import WSGI as LOG
from minova.api.front.request import Request
from minova.api.nova_words import unrouted

_STATUS: Final[dict[type[exception.MinovaError], int]] = {
    exception.Invalid: 400,
    exception.Forbidden: 403,
    exception.NotFound: 404,
    exception.Conflict: 409,
    exception.NotInCatalog: 500,
    exception.Unsupported: 501,
    exception.Unavailable: 503,
}

# Nova's names (nova.api.openstack.wsgi.Fault); any other status is a computeFault.
_FAULTS: Final = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}

CONTENT_TYPE: Final = "application/json; charset=UTF-8"


def fault(code: int, message: str) -> str:
    """Nova's document for an error."""
    return json.dumps(
        {_FAULTS.get(code, "computeFault"): {"code": code, "message": message}}
    )


def refuse(
    start_response: Callable[..., Any], code: int, message: str
) -> Iterable[bytes]:
    """Answer a request with Nova's document before it reaches the app."""
    body = fault(code, message).encode()
    headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
    start_response(falcon.code_to_http_status(code), headers)
    return [body]


def install(app: falcon.App[Any, Any]) -> None:
    """Install the handlers that answer every error of the app."""
    # Falcon asks the handler that was added last first.
    app.add_error_handler(Exception, _on_bug)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(falcon.HTTPRouteNotFound, _on_unrouted)
    app.add_error_handler(exception.MinovaError, _on_error)


def _on_error(
    req: Request, resp: falcon.Response, error: exception.MinovaError, params: Any
) -> None:
    code = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    _write(resp, code, str(error))


def _on_http_error(
    req: Request, resp: falcon.Response, error: falcon.HTTPError, params: Any
) -> None:
    resp.set_headers(error.headers or {})
    _write(resp, error.status_code, error.description or error.title or "")


def _on_unrouted(
    req: Request, resp: falcon.Response, error: falcon.HTTPError, params: Any
) -> None:
    if not unrouted.is_below_a_version(req.path):
        resp.status = falcon.HTTP_300
        resp.media = versions.choices(req)
        return
    resp.status = falcon.HTTP_404
    resp.content_type, resp.text = unrouted.document(req.get_header("Accept"))


def _on_bug(req: Request, resp: falcon.Response, error: Exception, params: Any) -> None:
    """Log the traceback of an unexpected error; tell the caller the request id."""
    LOG.exception("Unexpected exception in API method")
    _write(resp, 500, unexpected(req.env))


def unexpected(environ: dict[str, Any]) -> str:
    """The message for an unexpected error."""
    request_id = environ.get("openstack.request_id")
    return f"Unexpected API Error. The log of n-api explains it: {request_id}."


def _write(resp: falcon.Response, code: int, message: str) -> None:
    LOG.info("HTTP exception thrown: %s", message)
    LOG.debug("Returning %s to user: %s", code, message)
    resp.status = falcon.code_to_http_status(code)
    resp.content_type = CONTENT_TYPE
    resp.text = fault(code, message)

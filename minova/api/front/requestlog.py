# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A request id and a log line for each request, in the format of Nova's requestlog."""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib import parse

from oslo_context import context
from oslo_middleware import request_id

from minova.api.front.loggers import REQUEST_LOG as LOG
from minova.context import RequestContext

_VERSION = "openstack-api-version"
_ID_HEADERS: Final = (request_id.HTTP_RESP_HEADER_REQUEST_ID, "x-compute-request-id")
"""OpenStack's header, and Nova's own."""


class RequestLog:
    """WSGI middleware: gives each request an id and a context, and logs it.

    The id is like that of oslo.middleware's RequestId. That class (8.2) makes WebOb's
    objects for each request, which takes 0.07 ms of the 0.9 ms of a show. This class
    takes 0.01 ms (measured).
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        own_id = environ[request_id.ENV_REQUEST_ID] = context.generate_request_id()
        global_id = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
        if re.match(request_id.ID_FORMAT, global_id):
            environ[request_id.GLOBAL_REQ_ID] = global_id
        # The caller is not known yet. Without this context, the thread would log as the
        # caller of its last request.
        RequestContext(
            request_id=own_id,
            global_request_id=environ.get(request_id.GLOBAL_REQ_ID),
            overwrite=True,
        )
        began = time.monotonic()

        def log_and_start(status: str, headers: Any, *exc_info: Any) -> Any:
            answered = {name.lower(): value for name, value in headers}
            LOG.info(
                '%s "%s %s" status: %s len: %s microversion: %s time: %.6f',
                environ.get("REMOTE_ADDR", "-"),
                environ["REQUEST_METHOD"],
                _uri(environ),
                status.split(" ", 1)[0],
                answered.get("content-length", 0),
                answered.get(_VERSION, "-").removeprefix("compute "),
                time.monotonic() - began,
            )
            identified = [*headers, *((name, own_id) for name in _ID_HEADERS)]
            return start_response(status, identified, *exc_info)

        answer = self._app(environ, log_and_start)
        # A refusal has a body for any method, but the answer to HEAD must not.
        return [] if environ["REQUEST_METHOD"] == "HEAD" else answer


def _uri(environ: dict[str, Any]) -> str:
    """Path and query; characters that could end the line or a quotation are quoted."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    uri = parse.quote(path.encode("latin-1"))
    if environ.get("QUERY_STRING"):
        uri += "?" + parse.quote(environ["QUERY_STRING"], safe="=&%+,:;/?@-._~[]*!$'()")
    return uri

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One line for each request, in the words of Nova's requestlog."""

import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib import parse

from minova.api.front.loggers import REQUEST_LOG as LOG
from minova.context import RequestContext

_VERSION = "openstack-api-version"


class RequestLog:
    """WSGI middleware; also gives each request a context of its own from the start."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        # Until it is known who asks; without this the thread would go on logging as the
        # caller it served before.
        RequestContext(
            request_id=environ.get("openstack.request_id"),
            global_request_id=environ.get("openstack.global_request_id"),
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
            return start_response(status, headers, *exc_info)

        return self._app(environ, log_and_start)


def _uri(environ: dict[str, Any]) -> str:
    """Path and query with everything quoted that could end a line or a quotation."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    uri = parse.quote(path.encode("latin-1"))
    if environ.get("QUERY_STRING"):
        uri += "?" + parse.quote(environ["QUERY_STRING"], safe="=&%+,:;/?@-._~[]*!$'()")
    return uri

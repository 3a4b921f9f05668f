# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How large a request may be."""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg
from oslo_middleware import sizelimit

from minova.api.front import errors
from minova.api.front.loggers import WSGI as LOG


class BodyLimit:
    """WSGI middleware: 413 for a body above ``max_request_body_size``.

    oslo.middleware's, but that it answers a ``Content-Length`` as it answers chunks
    when they are read.  Its own answer is no fault of Nova's, and does not say the
    limit (8.2).
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], conf: cfg.ConfigOpts
    ) -> None:
        self._app = sizelimit.RequestBodySizeLimiter(app, conf)
        self._limit: int = conf.oslo_middleware.max_request_body_size

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if int(environ.get("CONTENT_LENGTH") or 0) > self._limit:
            message = f"Request is too large. Larger than {self._limit}."
            LOG.info("HTTP exception thrown: %s", message)
            return errors.refuse(start_response, 413, message)
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

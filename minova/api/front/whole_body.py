# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads all of a request's body, up to a limit."""

import errno
import io
from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg
from oslo_middleware import sizelimit

from minova.api.front import errors
from minova.api.front.loggers import WSGI as LOG


class WholeBody:
    """WSGI middleware: reads the body; 413 if it is above ``max_request_body_size``.

    The option is oslo.middleware's. Its own middleware (8.2) lets the app read, so a
    slow client would keep its turn. Its answer also lacks the shape of Nova's faults.
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], conf: cfg.ConfigOpts
    ) -> None:
        self._app = app
        conf.register_opts(sizelimit.OPTS, group="oslo_middleware")
        self._limit: int = conf.oslo_middleware.max_request_body_size

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Read the body, then call the app.

        Raises:
            ConnectionResetError: the client went away, or was too slow; gunicorn closes
                the connection silently.
        """
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = b""
        if length <= self._limit:
            body = environ["wsgi.input"].read(self._limit + 1)
        if max(length, len(body)) > self._limit:
            message = f"Request is too large. Larger than {self._limit}."
            LOG.info("HTTP exception thrown: %s", message)
            return errors.refuse(start_response, 413, message)
        if len(body) < length:
            raise ConnectionResetError(errno.ECONNRESET, "a part of a body")
        environ["wsgi.input"] = io.BytesIO(body)
        # Set for a chunked body too, because Falcon reads no further than this.
        environ["CONTENT_LENGTH"] = str(len(body))
        return self._app(environ, start_response)

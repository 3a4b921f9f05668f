# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The WSGI middleware, in order."""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg
from oslo_middleware import (
    cors,
    healthcheck,
    http_proxy_to_wsgi,
    request_id,
    sizelimit,
)

from minova.api.auth import NoAuth
from minova.api.guard import Guard
from minova.api.requestlog import RequestLog

Application = Callable[..., Iterable[bytes]]


class ComputeRequestId(request_id.RequestId):
    """Gives the request id under Nova's own header as well."""

    compat_headers = ["x-compute-request-id"]  # noqa: RUF012 - declared so by oslo


def stack(app: Application, conf: cfg.ConfigOpts) -> Application:
    """Wrap the app.

    From the inside out: who asks; how much he may send; whether a web page may ask at
    all; what is logged; under which id.  ``/healthcheck`` stands beside it all: whoever
    polls it is neither asked who he is nor logged.
    """
    stacked: Any = NoAuth(app)
    stacked = sizelimit.RequestBodySizeLimiter(stacked, conf)
    stacked = cors.CORS(stacked, conf)
    stacked = _guarded(stacked, conf)
    stacked = RequestLog(stacked)
    stacked = ComputeRequestId(stacked, conf)
    stacked = http_proxy_to_wsgi.HTTPProxyToWSGI(stacked, conf)
    health = _guarded(healthcheck.Healthcheck(None, conf), conf)
    return _beside_healthcheck(stacked, health)


def _guarded(app: Application, conf: cfg.ConfigOpts) -> Application:
    """Keep web pages out, where nothing else would."""
    if conf.api.auth_strategy != "noauth2":
        return app
    return Guard(app, conf.cors.allowed_origin or [], conf.api.allowed_hosts)


def _beside_healthcheck(app: Application, health: Application) -> Application:
    """Mount oslo.middleware's answer, which is an application of its own (8.2)."""

    def choose(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        chosen = health if environ.get("PATH_INFO") == "/healthcheck" else app
        return chosen(environ, start_response)

    return choose

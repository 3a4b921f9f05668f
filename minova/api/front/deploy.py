# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The WSGI middleware, in order."""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg
from oslo_middleware import cors, healthcheck, http_proxy_to_wsgi

from minova.api.front.basic_auth import BasicAuth
from minova.api.front.guard import Guard
from minova.api.front.noauth2 import NoAuth
from minova.api.front.requestlog import RequestLog
from minova.api.front.turns import Turns
from minova.api.front.whole_body import WholeBody
from minova.api.nova_words import unrouted
from minova.policy import Enforcer

Application = Callable[..., Iterable[bytes]]

# Clients read the lists of versions before they have a token.
_VERSIONS = frozenset(
    path + slash
    for path in ("", "/v2", "/v2.1", "/image", "/minova", "/minova/v1")
    for slash in ("", "/")
)


def _is_before_token(environ: dict[str, Any]) -> bool:
    path = environ.get("PATH_INFO", "")
    return path in _VERSIONS or not unrouted.is_below_a_version(path)


def _is_of_browser(environ: dict[str, Any]) -> bool:
    """Whether the CORS middleware must see the request."""
    return "HTTP_ORIGIN" in environ or environ["REQUEST_METHOD"] == "OPTIONS"


def _is_about_health(environ: dict[str, Any]) -> bool:
    return environ.get("PATH_INFO") in {"/healthcheck", "/healthcheck/"}


class Beside:
    """Sends some requests to the application ``beside``, the others to ``app``."""

    def __init__(
        self,
        is_for: Callable[[dict[str, Any]], bool],
        beside: Application,
        app: Application,
    ) -> None:
        self._is_for = is_for
        self._beside = beside
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        app = self._beside if self._is_for(environ) else self._app
        return app(environ, start_response)


class Stack(Beside):
    """The app with all its middleware.

    From the inside out: authentication, the limit of requests at a time, the limit of a
    body, CORS and the guard against web pages, and the log with the request id.
    ``/healthcheck`` is outside of them: it needs no token and is not logged.
    """

    def __init__(
        self, app: Application, conf: cfg.ConfigOpts, enforcer: Enforcer
    ) -> None:
        stacked: Any = Turns(_authenticated(app, conf, enforcer))
        stacked = WholeBody(stacked, conf)
        stacked = Beside(_is_of_browser, cors.CORS(stacked, conf), stacked)
        stacked = _guarded(stacked, conf)
        stacked = RequestLog(stacked)
        behind_proxy = http_proxy_to_wsgi.HTTPProxyToWSGI(stacked, conf)
        # Left out when it is off: each oslo.middleware costs a request 0.06 ms.
        if conf.oslo_middleware.enable_proxy_headers_parsing:
            stacked = behind_proxy
        health = _guarded(healthcheck.Healthcheck(None, conf), conf)
        super().__init__(_is_about_health, health, stacked)


def _authenticated(
    app: Application, conf: cfg.ConfigOpts, enforcer: Enforcer
) -> Application:
    strategy = conf.api.auth_strategy
    if strategy == "http_basic":
        return Beside(_is_before_token, app, BasicAuth(app, conf))
    if strategy == "keystone":
        return Beside(_is_before_token, app, _keystone(app, conf, enforcer))
    return NoAuth(app)


def _keystone(
    app: Application, conf: cfg.ConfigOpts, enforcer: Enforcer
) -> Application:
    try:
        # Only the extra `keystone` installs it.
        from minova.api.front.keystone import Keystone  # noqa: PLC0415
    except ImportError as error:
        raise cfg.Error(
            f"[api] auth_strategy cannot be used ({error}; install minova[keystone])"
        ) from None
    return Keystone(app, conf, enforcer.is_admin)


def _guarded(app: Application, conf: cfg.ConfigOpts) -> Application:
    """Add the guard against web pages, except with Keystone.

    With ``http_basic`` a browser sends a known password for any page, so the guard
    checks origins. It does not check host names, because the browser knows no password
    for a rebound name. With Keystone a page has no token to send.
    """
    if conf.api.auth_strategy == "keystone":
        return app
    any_host = conf.api.auth_strategy == "http_basic"
    hosts = None if any_host else conf.api.allowed_hosts
    return Guard(app, conf.cors.allowed_origin or [], hosts)

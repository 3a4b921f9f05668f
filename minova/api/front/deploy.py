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

# What a client reads before it has a token: which versions there are.
_VERSIONS = frozenset(
    path + slash
    for path in ("", "/v2", "/v2.1", "/image", "/minova", "/minova/v1")
    for slash in ("", "/")
)


def _is_before_token(environ: dict[str, Any]) -> bool:
    path = environ.get("PATH_INFO", "")
    return path in _VERSIONS or not unrouted.is_below_a_version(path)


def _is_of_browser(environ: dict[str, Any]) -> bool:
    """Whether CORS has a say in it."""
    return "HTTP_ORIGIN" in environ or environ["REQUEST_METHOD"] == "OPTIONS"


def _is_about_health(environ: dict[str, Any]) -> bool:
    return environ.get("PATH_INFO") in {"/healthcheck", "/healthcheck/"}


class Beside:
    """Mounts an application beside another one, for a few requests."""

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
    """Wraps the app.

    From the inside out: who asks; how many at a time; how much may be sent; whether a
    web page may ask at all; what is logged, and under which id.  ``/healthcheck`` is
    beside it all: whoever polls it is neither asked for a name nor logged.
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
        # Not where it is off: each of oslo.middleware's costs a request 0.06 ms.
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
        # Installed with the extra `keystone` only.
        from minova.api.front.keystone import Keystone  # noqa: PLC0415
    except ImportError as error:
        raise cfg.Error(
            f"[api] auth_strategy cannot be used ({error}; install minova[keystone])"
        ) from None
    return Keystone(app, conf, enforcer.is_admin)


def _guarded(app: Application, conf: cfg.ConfigOpts) -> Application:
    """Keep web pages out, where nothing else would.

    A browser that was given a password sends it along whatever page asks, so pages are
    kept out under ``http_basic`` too; under a rebound name it does not know it, so that
    names do not matter there.  A token is sent by nobody but who has it.
    """
    if conf.api.auth_strategy == "keystone":
        return app
    any_host = conf.api.auth_strategy == "http_basic"
    hosts = None if any_host else conf.api.allowed_hosts
    return Guard(app, conf.cors.allowed_origin or [], hosts)

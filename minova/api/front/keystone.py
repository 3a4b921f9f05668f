# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""keystone: keystonemiddleware's auth_token checks the token with Keystone."""

from collections.abc import Callable, Iterable
from typing import Any

from keystoneauth1 import exceptions as keystoneauth_exceptions
from keystonemiddleware import auth_token
from oslo_config import cfg

from minova.api.front import errors
from minova.api.front.loggers import WSGI as LOG
from minova.api.front.request import CONTEXT
from minova.api.front.token_cache import ENVIRON, TokenCache
from minova.context import RequestContext

Application = Callable[..., Iterable[bytes]]


class Keystone:
    """WSGI middleware: answers 401 in auth_token's shape, or calls the app.

    Without memcached (``[keystone_authtoken] memcached_servers``) each worker caches
    Keystone's answers itself. In both cases a revoked token may stay valid for up to
    ``token_cache_time``, as in Nova.
    """

    def __init__(
        self,
        app: Application,
        conf: cfg.ConfigOpts,
        is_admin: Callable[[RequestContext], bool],
    ) -> None:
        """Put the middleware before ``app``.

        Args:
            is_admin: whether a caller is the admin by the policy.
        """
        self._app = app
        self._is_admin = is_admin
        self._cache = TokenCache()
        self._auth_token = auth_token.AuthProtocol(
            self._known, {"oslo_config_config": conf, "cache": ENVIRON}
        )
        self._has_memcached = bool(conf.keystone_authtoken.memcached_servers)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not self._has_memcached:
            environ.setdefault(ENVIRON, self._cache)
        try:
            answer: Iterable[bytes] = self._auth_token(environ, start_response)
        except keystoneauth_exceptions.ClientException as error:
            # auth_token 13.0 turns only some of these errors into a 503. A catalog
            # without Keystone is one that it passes on.
            LOG.critical("Unable to validate token: %s", error)
            message = "The Keystone service is temporarily unavailable."
            return errors.refuse(start_response, 503, message)
        return answer

    def _known(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        context = RequestContext.from_environ(environ)
        if context.project_id is None:
            message = "The token must be scoped to a project."
            return errors.refuse(start_response, 403, message)
        context.is_admin = self._is_admin(context)
        environ[CONTEXT] = context
        return self._app(environ, start_response)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""keystone: a token, which keystonemiddleware's auth_token has Keystone confirm."""

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
    """WSGI middleware: 401 in auth_token's own shape, or the app with who asks.

    Without memcached (``[keystone_authtoken] memcached_servers``) each worker keeps the
    answers of Keystone itself. Either way a token that is revoked may be good for
    another ``token_cache_time`` here, as in Nova.
    """

    def __init__(
        self,
        app: Application,
        conf: cfg.ConfigOpts,
        is_admin: Callable[[RequestContext], bool],
    ) -> None:
        """Stand before ``app``.

        Args:
            is_admin: what the policy says of a caller.
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
            # Those that auth_token 13.0 does not make a 503 itself, such as a catalog
            # without Keystone in it.
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

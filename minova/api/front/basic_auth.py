# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""http_basic: a name and a password, checked by oslo.middleware."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import webob.exc
from oslo_config import cfg
from oslo_middleware import base, basic_auth, exceptions

from minova.api.front import noauth2
from minova.api.front.request import CONTEXT

Application = Callable[..., Iterable[bytes]]

_CHALLENGE: Final = ("WWW-Authenticate", 'Basic realm="minova"')


class _Checked(basic_auth.BasicAuthMiddleware):
    """Reads the file's name from ``conf``; oslo.middleware 8.2 reads the global one."""

    def __init__(self, app: Application, conf: cfg.ConfigOpts) -> None:
        base.ConfigurableMiddleware.__init__(self, app, conf)
        self.oslo_conf.register_opts(basic_auth.OPTS, group="oslo_middleware")
        self.auth_file = self.oslo_conf.oslo_middleware.http_basic_auth_user_file
        basic_auth.validate_auth_file(self.auth_file)


class BasicAuth:
    """WSGI middleware: checks names and bcrypt hashes in an htpasswd file.

    A user's project has the user's name, and the user ``admin`` is the admin, as with
    a name alone under ``noauth2``.

    oslo.middleware 8.2 answers 401 without the challenge that HTTP requires; it is
    added here.
    """

    def __init__(self, app: Application, conf: cfg.ConfigOpts) -> None:
        """Put the middleware before ``app``.

        Raises:
            cfg.Error: the file cannot be read, or has a hash that is not bcrypt's.
        """
        self._app = app
        try:
            self._checked = _Checked(self._known, conf)
        except (exceptions.ConfigInvalid, webob.exc.HTTPBadRequest):
            # The texts of these errors do not name the file (oslo.middleware 8.2).
            file = conf.oslo_middleware.http_basic_auth_user_file
            raise cfg.Error(
                "[oslo_middleware] http_basic_auth_user_file cannot be used: "
                f"{file} must be readable, and its passwords bcrypt hashes"
            ) from None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def challenge(status: str, headers: Any, *exc_info: Any) -> Any:
            if status.startswith("401 "):
                headers = [*headers, _CHALLENGE]
            return start_response(status, headers, *exc_info)

        answer: Iterable[bytes] = self._checked(environ, challenge)
        return answer

    def _known(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        user = environ["HTTP_X_USER"]
        environ[CONTEXT] = noauth2.named(environ, user, project=user)
        return self._app(environ, start_response)

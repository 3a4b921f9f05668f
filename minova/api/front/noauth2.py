# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""noauth2: believe the name that the caller gives."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib import parse

from minova.api.front import errors
from minova.api.front.request import CONTEXT
from minova.context import RequestContext

_ADMIN: Final = "admin"
# The token of a client that does not authenticate (keystoneauth's plugin `none`).
_NOT_USED: Final = "notused"
_LONGEST: Final = 255
_NO_NAMES: Final = "The token must be user:project, each of 1 to 255 characters."


class NoAuth:
    """WSGI middleware: the token is ``user:project``, or ``user`` for both.

    No token means the admin. A very old client sends ``X-Auth-User`` without a token to
    get one; the answer is Nova's 204.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        token = environ.get("HTTP_X_AUTH_TOKEN")
        if token is None and "HTTP_X_AUTH_USER" in environ:
            return _hand_out_token(environ, start_response)
        if not token or token == _NOT_USED:
            token = f"{_ADMIN}:{_ADMIN}"
        user, _colon, project = token.partition(":")
        project = project or user
        if not user or max(len(user), len(project)) > _LONGEST:
            return errors.refuse(start_response, 401, _NO_NAMES)
        environ[CONTEXT] = named(environ, user, project)
        return self._app(environ, start_response)


def named(environ: dict[str, Any], user: str, project: str) -> RequestContext:
    """Make the caller, with the names as ids; the user ``admin`` is the admin."""
    roles = ["member", "reader"]
    return RequestContext(
        request_id=environ.get("openstack.request_id"),
        global_request_id=environ.get("openstack.global_request_id"),
        user_id=user,
        project_id=project,
        user_name=user,
        project_name=project,
        roles=[_ADMIN, *roles] if user == _ADMIN else roles,
        is_admin=user == _ADMIN,
        overwrite=True,
    )


def _hand_out_token(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer as Nova's ``NoAuthMiddleware`` to a client without a token."""
    user = environ["HTTP_X_AUTH_USER"]
    project = environ.get("HTTP_X_AUTH_PROJECT_ID", _ADMIN)
    host = environ.get("HTTP_HOST", environ.get("SERVER_NAME", ""))
    path = parse.quote(environ.get("PATH_INFO", "").encode("latin-1")).rstrip("/")
    url = f"{environ['wsgi.url_scheme']}://{host}{path}/{parse.quote(project)}"
    headers = [
        ("X-Auth-Token", f"{user}:{project}"),
        ("X-Server-Management-Url", url),
        ("Content-Type", "text/plain; charset=UTF-8"),
    ]
    start_response("204 No Content", headers)
    return []

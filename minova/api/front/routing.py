# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Routing where Falcon's router differs from Nova's."""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import falcon

from minova import exception
from minova.api.front.request import PROJECT_ID, Request

_ROOT: Final = "/v2.1/"
_SLASHES: Final = re.compile("//+")


class Route(NamedTuple):
    """One path of the API.

    Attributes:
        suffix: the end of the resource's methods for this path, such as ``detail`` in
            ``on_get_detail``.
    """

    path: str
    resource: object
    suffix: str | None = None


class SlashesOnce:
    """Falcon middleware: ``/v2.1//servers`` is ``/v2.1/servers``, as in Nova.

    A client sends this if its endpoint ends in a slash.
    """

    def process_request(self, req: Request, resp: falcon.Response) -> None:
        if req.path.startswith(_ROOT) and "//" in req.path:
            req.path = _SLASHES.sub("/", req.path)


class ProjectInPath:
    """Falcon middleware: ``/v2.1/{project_id}/servers`` is ``/v2.1/servers``.

    Nova's project ids are hexadecimal digits. Here a project id is any name that is not
    the first word of a route.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._first_words = {
            route.path.removeprefix(_ROOT).partition("/")[0] for route in routes
        }

    def process_request(self, req: Request, resp: falcon.Response) -> None:
        """Take the project id out of the path and keep it for links and checks."""
        if not req.path.startswith(_ROOT):
            return
        project_id, slash, rest = req.path[len(_ROOT) :].partition("/")
        if slash and project_id not in self._first_words:
            req.env[PROJECT_ID] = project_id
            req.path = _ROOT + rest

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Refuse a project id that is not the caller's.

        Raises:
            ProjectMismatch: also for an admin, as in Nova.
        """
        in_path = req.env.get(PROJECT_ID)
        if in_path is not None and in_path != req.caller.project_id:
            raise exception.ProjectMismatch(in_path, req.caller.project_id)


class OnlyRoutedMethods:
    """Falcon middleware: refuses requests that Falcon routes and Nova does not.

    These are a method that the resource lacks (Falcon answers 405), OPTIONS, and a path
    with an empty name, such as ``/servers/``.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._suffixes = {
            route.path: f"_{route.suffix}" for route in routes if route.suffix
        }

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Refuse such a request.

        Raises:
            falcon.HTTPRouteNotFound: 404 in WebOb's shape.
        """
        suffix = self._suffixes.get(req.uri_template or "", "")
        if "" in params.values() or not hasattr(
            resource, f"on_{req.method.lower()}{suffix}"
        ):
            raise falcon.HTTPRouteNotFound

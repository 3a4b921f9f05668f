# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What Falcon's router does not do as Nova's does."""

from typing import Any, Final

import falcon

from minova import exception
from minova.api.request import PROJECT_ID, Request

_ROOT: Final = "/v2.1/"
_RESOURCES: Final = frozenset({"servers", "flavors", "images", "os-services"})


class ProjectInPath:
    """Falcon middleware: ``/v2.1/{project_id}/servers`` is ``/v2.1/servers``."""

    def process_request(self, req: Request, resp: falcon.Response) -> None:
        """Take the project id out of the path and keep it for links and checks."""
        if not req.path.startswith(_ROOT):
            return
        project_id, slash, rest = req.path[len(_ROOT) :].partition("/")
        if slash and project_id not in _RESOURCES:
            req.env[PROJECT_ID] = project_id
            req.path = _ROOT + rest

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Refuse a project id that is not the caller's.

        Raises:
            ProjectMismatch: even of an admin, as in Nova.
        """
        in_path = req.env.get(PROJECT_ID)
        if in_path is not None and in_path != req.caller.project_id:
            raise exception.ProjectMismatch(in_path, req.caller.project_id)


class OnlyRoutedMethods:
    """Falcon middleware: a method that a resource lacks is an unrouted path, no 405."""

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Undo what Falcon adds by itself (405, and OPTIONS).

        Raises:
            falcon.HTTPRouteNotFound: 404 in WebOb's shape.
        """
        responder = f"on_{req.method.lower()}"
        if req.uri_template is not None and req.uri_template.endswith("/detail"):
            responder += "_detail"
        if not hasattr(resource, responder):
            raise falcon.HTTPRouteNotFound

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova and /minova/v1, without a token."""

import falcon

from minova.api.front.request import Request
from minova.api.own_api.shapes import answer
from minova.api.own_api.views import versions as views


class VersionsResource:
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.VERSIONS, views.versions(req))


class VersionResource:
    """The only version, with a link to its schemas."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.VERSION, views.version(req))

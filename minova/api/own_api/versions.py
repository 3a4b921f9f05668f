# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova and /minova/v1, without a token."""

import falcon

from minova.api.front.request import Request
from minova.api.own_api.shapes import answer
from minova.api.own_api.views import versions as views


class VersionsResource:
    """Every version."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.VERSIONS, views.versions(req))


class VersionResource:
    """The only one, and where its schemas are."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.VERSION, views.version(req))

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""GET /: the versions of the Image API."""

from typing import Final

import falcon

from minova.api.front.request import Request

# Every GET of these versions is here. Later versions add stores, tasks and caches.
_VERSIONS: Final = ("v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0")


class VersionsResource:
    """The list of versions, without a token; at the root a 300, as in Glance."""

    def __init__(self, status: str) -> None:
        self._status = status

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.status = self._status
        resp.media = {
            "versions": [
                {
                    "id": version,
                    "status": "CURRENT" if version == _VERSIONS[0] else "SUPPORTED",
                    "links": [{"rel": "self", "href": f"{req.prefix}/v2/"}],
                }
                for version in _VERSIONS
            ]
        }

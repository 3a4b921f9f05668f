# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""GET / and GET /v2.1: what is spoken here."""

from typing import Any

import falcon

from minova.api import microversion
from minova.api.request import Request


def _document(req: Request) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": microversion.text(microversion.MAX_VERSION),
        "min_version": microversion.text(microversion.MIN_VERSION),
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{req.prefix}/v2.1/"}],
    }


class VersionsResource:
    """The root: every version, without a token and without negotiation."""

    unversioned = True

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = {"versions": [_document(req)]}


class VersionResource:
    """One version; clients read ``version`` and ``min_version`` to negotiate."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        version = _document(req)
        version["links"].append(
            {
                "rel": "describedby",
                "type": "text/html",
                "href": "http://docs.openstack.org/",
            }
        )
        version["media-types"] = [
            {
                "base": "application/json",
                "type": "application/vnd.openstack.compute+json;version=2.1",
            }
        ]
        resp.media = {"version": version}

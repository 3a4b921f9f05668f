# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""GET /, GET /v2.1 and GET /v2/: what is spoken here."""

from typing import Any

import falcon

from minova.api import microversion
from minova.api.request import Request


def _v21(req: Request) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": microversion.text(microversion.MAX_VERSION),
        "min_version": microversion.text(microversion.MIN_VERSION),
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{req.prefix}/v2.1/"}],
    }


def _v20(req: Request) -> dict[str, Any]:
    return {
        "id": "v2.0",
        "status": "DEPRECATED",
        "version": "",
        "min_version": "",
        "updated": "2025-07-04T12:00:00Z",
        "links": [{"rel": "self", "href": f"{req.prefix}/v2/"}],
    }


def _whole(version: dict[str, Any], media_type: str) -> dict[str, Any]:
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
            "type": f"application/vnd.openstack.compute+json;version={media_type}",
        }
    ]
    return {"version": version}


class VersionsResource:
    """The root: every version, without a token and without negotiation."""

    unversioned = True

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = {"versions": [_v20(req), _v21(req)]}


class VersionResource:
    """One version; clients read ``version`` and ``min_version`` to negotiate."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = _whole(_v21(req), "2.1")


class LegacyVersionResource:
    """The one before, which Nova has not taken away; clients look for it too."""

    unversioned = True

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = _whole(_v20(req), "2")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/, /v2.1 and /v2: the versions of the API, for any method, as in Nova."""

from typing import Any

import falcon

from minova.api.front import version_range
from minova.api.front.request import Request


def _v21(req: Request, highest: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": version_range.text(highest),
        "min_version": version_range.text(version_range.MIN_VERSION),
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
    docs = "http://docs.openstack.org/"
    version["links"].append({"rel": "describedby", "type": "text/html", "href": docs})
    version["media-types"] = _media_types(media_type)
    return {"version": version}


def _media_types(version: str) -> list[dict[str, str]]:
    media_type = f"application/vnd.openstack.compute+json;version={version}"
    return [{"base": "application/json", "type": media_type}]


def choices(req: Request) -> dict[str, Any]:
    """Nova's answer to a path outside of all versions: links to it in each version."""
    choices = []
    for version, media_type in (
        (_v20(req), "2"),
        (_v21(req, version_range.MAX_VERSION), "2.1"),
    ):
        self_link = version["links"][0]
        choices.append(
            {
                "id": version["id"],
                "status": version["status"],
                "links": [self_link | {"href": self_link["href"] + req.path[1:]}],
                "media-types": _media_types(media_type),
            }
        )
    return {"choices": choices}


class VersionsResource:
    """The root: the list of versions, without token or negotiation."""

    unversioned = True

    def __init__(self, highest: tuple[int, int]) -> None:
        self._highest = highest

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = {"versions": [_v20(req), _v21(req, self._highest)]}

    on_head = on_post = on_put = on_patch = on_delete = on_options = on_get


class VersionResource:
    """One version; clients read ``version`` and ``min_version`` to negotiate."""

    def __init__(self, highest: tuple[int, int]) -> None:
        self._highest = highest

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = _whole(_v21(req, self._highest), "2.1")

    on_head = on_post = on_put = on_patch = on_delete = on_options = on_get


class LegacyVersionResource:
    """Version 2.0: Nova still offers it, and clients look for it."""

    unversioned = True

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        resp.media = _whole(_v20(req), "2")

    on_head = on_post = on_put = on_patch = on_delete = on_options = on_get

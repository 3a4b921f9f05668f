# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The links of a resource."""

from minova.api.front.request import Request


def links(req: Request, path: str) -> list[dict[str, str]]:
    return [{"rel": "self", "href": req.link(path)}, *bookmark(req, path)]


def bookmark(req: Request, path: str) -> list[dict[str, str]]:
    return [{"rel": "bookmark", "href": req.bookmark(path)}]

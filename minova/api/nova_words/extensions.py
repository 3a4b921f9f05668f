# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/extensions: Nova's old list; all extensions have long been part of the API."""

import json
from importlib import resources
from typing import Any, Final

import falcon

from minova import exception
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.policy import Enforcer
from minova.vocabulary import instance_actions

_RULE: Final = "os_compute_api:extensions"
_FAKE_NAMESPACE: Final = "http://docs.openstack.org/compute/ext/fake_xml"
_FAKE_UPDATED: Final = "2014-12-03T00:00:00Z"
_NOVAS: Final = json.loads(
    resources.files("minova.api.nova_words").joinpath("extensions.json").read_text()
)
"""Alias → name and description, from nova/api/openstack/compute/extension_info.py."""
_RULES: Final = {
    entry.policy.split(":")[1]
    for entry in (*instance_actions.ALL, *instance_actions.IN_PLACE)
}
_OFFERED: Final = _NOVAS["offered"] | {
    # An extension of an action is in the list if an action of the table has its rule.
    alias: shown
    for alias, shown in _NOVAS["of_actions"].items()
    if alias in _RULES
}


class ExtensionsResource:
    def __init__(self, enforcer: Enforcer) -> None:
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._enforcer.authorize(req.caller, _RULE)
        resp.media = {"extensions": [_extension(alias) for alias in sorted(_OFFERED)]}

    @takes_no_query
    def on_get_one(self, req: Request, resp: falcon.Response, alias: str) -> None:
        self._enforcer.authorize(req.caller, _RULE)
        if alias not in _OFFERED:
            raise exception.NotFound("The resource could not be found.")
        resp.media = {"extension": _extension(alias)}


def _extension(alias: str) -> dict[str, Any]:
    name, description = _OFFERED[alias]
    return {
        "alias": alias,
        "description": description,
        "links": [],
        "name": name,
        "namespace": _FAKE_NAMESPACE,
        "updated": _FAKE_UPDATED,
    }

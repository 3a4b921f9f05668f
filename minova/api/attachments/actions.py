# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The actions of a server that need Neutron."""

from collections.abc import Mapping
from typing import Any

import falcon

from minova import exception
from minova.api.front.request import Request
from minova.compute_api.api import API
from minova.compute_api.attachments import NETWORK
from minova.objects.instance import Instance


class NetworkActions:
    """One method for each action, called like those of ``ActionsInPlace``."""

    def __init__(self, compute_api: API) -> None:
        self._compute_api = compute_api
        self.methods: Mapping[str, Any] = {
            "addSecurityGroup": self._change_security_groups,
            "removeSecurityGroup": self._change_security_groups,
            "addFixedIp": self._change_fixed_ips,
            "removeFixedIp": self._change_fixed_ips,
            "addFloatingIp": self._add_floating_ip,
            "removeFloatingIp": self._remove_floating_ip,
        }

    def _change_security_groups(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        if not value["name"].strip():
            raise exception.Invalid("Security group name cannot be empty")
        self._compute_api.ask(NETWORK)

    def _change_fixed_ips(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.change_fixed_ips(req.caller, instance)
        resp.status = falcon.HTTP_202

    def _add_floating_ip(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.add_floating_ip(
            instance, value["address"], value.get("fixed_address")
        )

    def _remove_floating_ip(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.ask(NETWORK)

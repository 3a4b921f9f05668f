# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-hosts, for admins, until 2.42: replaced by os-services and os-hypervisors."""

from typing import Any, Final

import falcon

from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.hosts import os_hosts_view as views
from minova.api.validation.schema import QuerySchema, Schema
from minova.compute_api.hosts import HostAPI
from minova.policy import Enforcer
from minova.vocabulary.parameter_types import TEXT

_RULE: Final = "os_compute_api:os-hosts"
_QUERY: Final = QuerySchema({"zone": TEXT})
_SWITCH: Final = {
    "type": "string",
    "enum": ["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"],
}
_UPDATE: Final = Schema(
    {
        "type": "object",
        "properties": {"status": _SWITCH, "maintenance_mode": _SWITCH},
        "anyOf": [{"required": ["status"]}, {"required": ["maintenance_mode"]}],
        "additionalProperties": False,
    }
)


class _OsHosts:
    def __init__(self, hosts: HostAPI, enforcer: Enforcer) -> None:
        self._hosts = hosts
        self._enforcer = enforcer

    def _authorize(self, req: Request, verb: str) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:{verb}")


class OsHostsResource(_OsHosts):
    """The enabled hosts of one zone, or of all."""

    @since("2.1", "2.42")
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        zone = _QUERY.read(req.query_string).get("zone")
        self._authorize(req, "list")
        resp.media = {
            "hosts": [
                views.basic(service)
                for service in self._hosts.services()
                if not service.disabled and zone in (None, "", service.zone)
            ]
        }


class OsHostResource(_OsHosts):
    """One host. Every method may raise ComputeHostNotFound: 404."""

    @since("2.1", "2.42")
    def on_get(self, req: Request, resp: falcon.Response, host: str) -> None:
        self._authorize(req, "show")
        resp.media = {"host": views.resources(*self._hosts.usage(host))}

    @since("2.1", "2.42")
    def on_put(self, req: Request, resp: falcon.Response, host: str) -> None:
        """Answer as Nova's libvirt driver, which ignores the status.

        Raises:
            Invalid: 400.
            Unsupported: the driver has no maintenance mode; 501.
        """
        body = req.read_json()
        _UPDATE.check(body)
        self._authorize(req, "update")
        shown: dict[str, Any] = {"host": host}
        if "status" in body:
            enabled = body["status"].lower() == "enable"
            self._hosts.set_host_enabled(host, enabled)
            shown["status"] = "enabled" if enabled else "disabled"
        if "maintenance_mode" in body:
            mode = body["maintenance_mode"].lower() == "enable"
            self._hosts.set_host_maintenance(host, mode)
        resp.media = shown

    @since("2.1", "2.42")
    def on_get_startup(self, req: Request, resp: falcon.Response, host: str) -> None:
        """Raises Unsupported, as do the next two methods: 501."""
        self._authorize(req, "start")
        self._hosts.host_power_action(host)

    @since("2.1", "2.42")
    def on_get_shutdown(self, req: Request, resp: falcon.Response, host: str) -> None:
        self._authorize(req, "shutdown")
        self._hosts.host_power_action(host)

    @since("2.1", "2.42")
    def on_get_reboot(self, req: Request, resp: falcon.Response, host: str) -> None:
        self._authorize(req, "reboot")
        self._hosts.host_power_action(host)

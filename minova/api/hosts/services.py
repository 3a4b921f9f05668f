# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-services, for admins, and /os-availability-zone."""

from typing import Any, Final

import falcon
from oslo_utils import strutils, uuidutils

from minova import exception
from minova.api.front.request import Request
from minova.api.hosts import services_view as views
from minova.api.hosts.services_schema import SERVICE_UPDATE, SERVICES_QUERY
from minova.api.validation.ids import integer
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.hosts import HostAPI
from minova.objects.host import Service
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-services"


class _Services:
    def __init__(self, hosts: HostAPI, enforcer: Enforcer) -> None:
        self._hosts = hosts
        self._enforcer = enforcer


class ServicesResource(_Services):
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        query = SERVICES_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:list")
        resp.media = {
            "services": [
                views.service(req, service)
                for service in self._hosts.services()
                if query.get("host") in (None, "", service.host)
                and query.get("binary") in (None, "", service.binary)
            ]
        }


class ServiceResource(_Services):
    """One service: since 2.53 by its UUID; before, the path names what to do."""

    def on_put(self, req: Request, resp: falcon.Response, service_id: str) -> None:
        """Enable, disable or force down; a change to the same state is no error.

        Raises:
            Invalid: 400.
            ServiceNotFound, HostBinaryNotFound: 404.
        """
        body = req.read_json()
        SERVICE_UPDATE.of(req.version).check(body)
        if req.version >= (2, 53):
            _uuid(service_id)
        self._enforcer.authorize(req.caller, f"{_RULE}:update")
        if req.version < (2, 53):
            shown = self._update_by_action(req, service_id, body)
        else:
            service = self._hosts.service(service_id)
            self._hosts.update_service(service, **_changes(body))
            shown = views.service(req, self._hosts.service(service.uuid))
        resp.media = {"service": shown}

    def on_delete(self, req: Request, resp: falcon.Response, service_id: str) -> None:
        """Delete the service of a host.

        Raises:
            ServiceHasServers: 409.
            ServiceNotFound: 404.
        """
        self._enforcer.authorize(req.caller, f"{_RULE}:delete")
        self._hosts.delete_service(self._find(req, service_id))
        resp.status = falcon.HTTP_204

    def _find(self, req: Request, service_id: str) -> Service:
        read = _uuid if req.version >= (2, 53) else integer
        key: int | str = read(service_id)
        try:
            return self._hosts.service(key)
        except exception.ServiceNotFound:
            # In Nova only a delete has this text.
            raise exception.NotFound(f"Service {service_id} not found.") from None

    def _update_by_action(
        self, req: Request, action: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        host, binary = body["host"], body["binary"]
        values = _values_of(req, action, body)
        if binary != "nova-compute":
            raise exception.Invalid(
                f"Updating a {binary} service is not supported. Only nova-compute "
                "services can be updated."
            )
        self._hosts.update_service(self._hosts.service_of(host, binary), **values)
        shown = {"host": host, "binary": binary}
        if action == "force-down":
            return shown | values
        shown["status"] = "disabled" if values["disabled"] else "enabled"
        if values["disabled_reason"]:
            shown["disabled_reason"] = values["disabled_reason"]
        return shown


class AvailabilityZonesResource(_Services):
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._enforcer.authorize(req.caller, "os_compute_api:os-availability-zone:list")
        shown = views.zones(self._hosts.services(), hosts_shown=False)
        resp.media = {"availabilityZoneInfo": shown}

    @takes_no_query
    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        rule = "os_compute_api:os-availability-zone:detail"
        self._enforcer.authorize(req.caller, rule)
        shown = views.zones(self._hosts.services(), hosts_shown=True)
        resp.media = {"availabilityZoneInfo": shown}


def _uuid(service_id: str) -> str:
    if not uuidutils.is_uuid_like(service_id):
        raise exception.Invalid(f"Invalid uuid {service_id}")
    return service_id


def _values_of(req: Request, action: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the values that an action below 2.53 sets."""
    if action == "enable":
        return {"disabled": False, "disabled_reason": None}
    if action == "disable":
        return {"disabled": True, "disabled_reason": None}
    if action == "disable-log-reason":
        if "disabled_reason" not in body:
            raise exception.Invalid("Missing disabled reason field")
        return {"disabled": True, "disabled_reason": body["disabled_reason"]}
    if action == "force-down" and req.version >= (2, 11):
        if "forced_down" not in body:
            raise exception.Invalid("Missing forced_down field")
        return {"forced_down": strutils.bool_from_string(body["forced_down"])}
    raise exception.NotFound("Unknown action")


def _changes(body: dict[str, Any]) -> dict[str, Any]:
    """Return the values that a body since 2.53 sets."""
    changes: dict[str, Any] = {}
    if body.get("status") == "enabled":
        if body.get("disabled_reason"):
            raise exception.Invalid(
                "Specifying 'disabled_reason' with status 'enabled' is invalid."
            )
        changes = {"disabled": False, "disabled_reason": None}
    elif body.get("status") == "disabled":
        reason = body.get("disabled_reason")
        changes = {"disabled": True, "disabled_reason": reason}
    if "forced_down" in body:
        changes["forced_down"] = strutils.bool_from_string(body["forced_down"])
    if not changes:
        raise exception.Invalid(
            "No updates were requested. Fields 'status' or 'forced_down' should be "
            "specified."
        )
    return changes

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers, /servers/detail, /servers/{server_id}."""

from collections.abc import Callable
from typing import Any

import falcon
from oslo_utils import strutils

from minova import exception
from minova.api import paging, server_create
from minova.api.loggers import WSGI as LOG
from minova.api.loggers import log_action
from minova.api.request import Request, parse_json
from minova.api.schemas.servers import SERVER_CREATE, SERVERS_QUERY
from minova.api.validation import Query
from minova.api.views import servers as views
from minova.compute.api import API
from minova.context import RequestContext
from minova.objects.instance import Instance, InstanceFilter
from minova.policy import Enforcer

View = Callable[[Request, Instance], dict[str, Any]]


class ServersResource:
    """The list and the maker of servers."""

    def __init__(self, compute_api: API, enforcer: Enforcer, max_limit: int) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        """List id and name of the caller's servers, newest first."""
        rule = "os_compute_api:servers:index"
        self._enforcer.authorize(req.caller, rule)
        self._list(req, resp, "servers", rule, views.basic)

    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        """List the caller's servers with all there is to say of each."""
        rule = "os_compute_api:servers:detail"
        self._enforcer.authorize(req.caller, rule)
        host_shown = shows_host(self._enforcer, req.caller)

        def detail(req: Request, instance: Instance) -> dict[str, Any]:
            return views.detail(req, instance, host_shown=host_shown)

        self._list(req, resp, "servers/detail", rule, detail)

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Accept a server: 202, and its host builds it later.

        Raises:
            Invalid: the body is none that Nova would take, or asks for what is not
                there; 400.
            PolicyNotAuthorized: 403.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        raw = req.read_body()
        body: Any = parse_json(raw) if raw else None
        log_action("create", self.on_post, body)
        SERVER_CREATE.of(req.version).check(body)
        self._enforcer.authorize(req.caller, "os_compute_api:servers:create")
        asked = server_create.read(req.caller, body["server"], self._compute_api)
        instances = self._compute_api.create(req.caller, asked.servers)
        resp.status = falcon.HTTP_202
        if asked.reservation_id_wanted:
            resp.media = {"reservation_id": asked.servers[0].reservation_id}
            return
        resp.set_header("Location", req.link(f"servers/{instances[0].uuid}"))
        resp.media = {"server": views.created(req, instances[0], asked.admin_password)}

    def _list(
        self, req: Request, resp: falcon.Response, path: str, rule: str, view: View
    ) -> None:
        query = SERVERS_QUERY.read(req.query_string)
        limit = paging.limit_of(query, self._max_limit)
        wanted = self._wanted(req.caller, query, rule)
        instances = self._compute_api.get_all(wanted, limit, query.get("marker"))
        listed: dict[str, Any] = {
            "servers": [view(req, instance) for instance in instances]
        }
        if instances:
            marker = instances[-1].uuid
            link = paging.next_link(req, path, instances, limit, marker)
            if link is not None:
                listed["servers_links"] = link
        resp.media = listed

    def _wanted(
        self, context: RequestContext, query: Query, rule: str
    ) -> InstanceFilter:
        """Read the filters; those that only an admin may use are ignored of others.

        Raises:
            PolicyNotAuthorized: ``all_tenants`` of somebody who is no admin.
        """
        project_id: str | None = context.project_id
        if _is_true(query.get("all_tenants")):
            self._enforcer.authorize(context, f"{rule}:get_all_tenants")
            project_id = query.get("project_id", query.get("tenant_id"))
        asked = query.all.get("status")
        return InstanceFilter(
            project_id=project_id,
            name=query.get("name"),
            vm_states=None if asked is None else views.vm_states_of(asked),
            host=query.get("host") if context.is_admin else None,
            user_id=query.get("user_id") if context.is_admin else None,
        )


class ServerResource:
    """One server."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Show it as it is now.

        Raises:
            InstanceNotFound: 404, also for another project's server.
            PolicyNotAuthorized: 403.
        """
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(
            req.caller, "os_compute_api:servers:show", instance.project_id
        )
        host_shown = shows_host(self._enforcer, req.caller, instance.project_id)
        resp.media = {"server": views.detail(req, instance, host_shown=host_shown)}

    def on_delete(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Accept its end: 204, and its host removes it later.

        Raises:
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
            InstanceIsLocked: 409.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        LOG.debug("Calling method '%s'", self.on_delete)
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(
            req.caller, "os_compute_api:servers:delete", instance.project_id
        )
        self._compute_api.delete(req.caller, instance)
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON


def shows_host(
    enforcer: Enforcer, context: RequestContext, project_id: str | None = None
) -> bool:
    """Whether the caller may see on which host servers run."""
    return enforcer.allows(
        context, "os_compute_api:os-extended-server-attributes", project_id
    )


def _is_true(all_tenants: str | None) -> bool:
    """``?all_tenants`` alone counts as yes, as in Nova.

    Raises:
        Invalid: neither yes nor no.
    """
    if all_tenants is None:
        return False
    try:
        return all_tenants == "" or strutils.bool_from_string(all_tenants, strict=True)
    except ValueError as error:
        raise exception.Invalid(str(error)) from None

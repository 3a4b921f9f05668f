# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers, /servers/detail."""

from collections.abc import Callable
from typing import Any

import falcon

from minova.api.answers import paging
from minova.api.backend import Backend
from minova.api.front.loggers import log_action
from minova.api.front.request import Request
from minova.api.servers import filters as server_filters
from minova.api.servers import view as views
from minova.api.servers.create import body as server_create
from minova.api.servers.query_schema import SERVERS_QUERY
from minova.api.servers.schema import SERVER_CREATE
from minova.api.servers.shown import shown_of
from minova.objects.instance import Instance

View = Callable[[list[Instance]], list[dict[str, Any]]]


class ServersResource:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._compute_api = backend.compute
        self._enforcer = backend.enforcer
        self._max_limit = backend.max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        """List id and name of the caller's servers, newest first."""

        def view(instances: list[Instance]) -> list[dict[str, Any]]:
            return [views.basic(req, instance) for instance in instances]

        self._list(req, resp, "servers", "os_compute_api:servers:index", view)

    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        """List the caller's servers with all details, newest first."""

        def view(instances: list[Instance]) -> list[dict[str, Any]]:
            shown = shown_of(req, self._compute_api, self._enforcer, instances)
            return [views.detail(req, instance, shown) for instance in instances]

        self._list(req, resp, "servers/detail", "os_compute_api:servers:detail", view)

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Accept a server: 202. Its host builds it later.

        Raises:
            Invalid: Nova would not accept the body either, or it asks for something
                that does not exist; 400.
            PolicyNotAuthorized, TooManyInstances, MetadataLimitExceeded,
                OnsetFileLimitExceeded, and those for paths and contents: 403.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        body: Any = req.read_json()
        log_action("create", self.on_post, body)
        SERVER_CREATE.of(req.version).check(body)
        self._enforcer.authorize(req.caller, "os_compute_api:servers:create")
        asked = server_create.read(req, body, self._backend)
        instances = self._compute_api.create(req.caller, asked.servers, asked.min_count)
        resp.status = falcon.HTTP_202
        if asked.reservation_id_wanted:
            resp.media = {"reservation_id": asked.servers[0].reservation_id}
            return
        resp.set_header("Location", req.link(f"servers/{instances[0].uuid}"))
        groups = body["server"].get("security_groups", [{"name": "default"}])
        resp.media = {
            "server": views.created(req, instances[0], asked.admin_password, groups)
        }

    def _list(
        self, req: Request, resp: falcon.Response, path: str, rule: str, view: View
    ) -> None:
        query = SERVERS_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, rule)
        limit = paging.limit_of(query, self._max_limit)
        wanted = server_filters.read(req, query, self._backend, rule)
        marker = query.get("marker") or None
        instances = self._compute_api.get_all(wanted, limit, marker)
        ids = [instance.uuid for instance in instances]
        resp.media = {
            "servers": view(instances),
            **paging.next_link(req, query, path, "servers_links", ids, limit=limit),
        }

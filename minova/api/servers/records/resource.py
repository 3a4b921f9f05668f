# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-instance-actions: the accepted requests for a server."""

from typing import Final

import falcon

from minova.api.answers import paging
from minova.api.front.request import Request
from minova.api.servers.filters import changes
from minova.api.servers.one import OfServer
from minova.api.servers.records import view as views
from minova.api.servers.records.schema import ACTIONS_QUERY
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-instance-actions"


class _Records(OfServer):
    def _instance(self, req: Request, server_id: str, rule: str) -> Instance:
        """Find the server; since 2.21 also a deleted one."""
        with_deleted = req.version >= (2, 21)
        return self._authorized(req, server_id, rule, deleted_too=with_deleted)


class InstanceActionsResource(_Records):
    """All accepted requests for a server."""

    def __init__(self, compute_api: API, enforcer: Enforcer, max_limit: int) -> None:
        super().__init__(compute_api, enforcer)
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        query = ACTIONS_QUERY.of(req.version).read(req.query_string)
        instance = self._instance(req, server_id, f"{_RULE}:list")
        # There are no pages before 2.58, whatever the query says.
        paged = req.version >= (2, 58)
        limit = paging.limit_of(query, self._max_limit) if paged else None
        since, before = changes(query)
        records = self._compute_api.action_list(
            instance,
            limit,
            query.get("marker"),
            changes_since=since,
            changes_before=before,
        )
        path = f"servers/{server_id}/os-instance-actions"
        ids = [record.request_id for record in records]
        resp.media = {
            "instanceActions": [views.action(req, record) for record in records],
            **paging.next_link(req, query, path, "links", ids, limit=limit),
        }


class InstanceActionResource(_Records):
    """One request, and the events of the hosts that worked on it."""

    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, request_id: str
    ) -> None:
        """Show a request.

        Before 2.51 only admins see its events. Since then everybody does, but only
        admins see traceback and host.
        """
        instance = self._instance(req, server_id, f"{_RULE}:show")
        record = self._compute_api.action_get(instance, request_id)
        shown = views.action(req, record)
        all_shown = self._allows(req, instance, "events")
        if all_shown or req.version >= (2, 51):
            details_shown = self._allows(req, instance, "events:details")
            shown["events"] = [
                views.event(
                    req,
                    event,
                    record.project_id,
                    all_shown=all_shown,
                    details_shown=details_shown,
                )
                for event in record.events
            ]
        resp.media = {"instanceAction": shown}

    def _allows(self, req: Request, instance: Instance, what: str) -> bool:
        rule = f"{_RULE}:{what}"
        return self._enforcer.allows(req.caller, rule, instance.project_id)

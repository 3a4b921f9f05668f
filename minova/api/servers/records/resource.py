# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-instance-actions: what was done to a server."""

import datetime
from typing import Final

import falcon
from oslo_utils import timeutils

from minova import exception
from minova.api.answers import paging
from minova.api.front.request import Request
from minova.api.servers.one import OfServer
from minova.api.servers.records import view as views
from minova.api.servers.records.schema import ACTIONS_QUERY
from minova.api.validation.no_query import takes_no_query
from minova.api.validation.schema import Query
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-instance-actions"


class _Records(OfServer):
    def _instance(self, req: Request, server_id: str, rule: str) -> Instance:
        """The server; since 2.21 a deleted one as well."""
        with_deleted = req.version >= (2, 21)
        return self._authorized(req, server_id, rule, deleted_too=with_deleted)


class InstanceActionsResource(_Records):
    """Every request that was accepted for a server."""

    def __init__(self, compute_api: API, enforcer: Enforcer, max_limit: int) -> None:
        super().__init__(compute_api, enforcer)
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        query = ACTIONS_QUERY.of(req.version).read(req.query_string)
        instance = self._instance(req, server_id, f"{_RULE}:list")
        # There are no pages before 2.58, whatever the query says.
        limit = marker = None
        if req.version >= (2, 58):
            limit = paging.limit_of(query, self._max_limit)
            marker = query.get("marker")
        records = self._compute_api.action_list(
            instance, limit, marker, **_times(query, req.version)
        )
        path = f"servers/{server_id}/os-instance-actions"
        ids = [record.request_id for record in records]
        resp.media = {
            "instanceActions": [views.action(req, record) for record in records],
            **paging.next_link(req, query, path, "links", ids, limit=limit),
        }


class InstanceActionResource(_Records):
    """One request, and what a host did for it."""

    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, request_id: str
    ) -> None:
        """Show a request.

        Its events are for admins; since 2.51 everybody may see them, and traceback and
        host remain the admins'.
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


def _times(
    query: Query, version: tuple[int, int]
) -> dict[str, datetime.datetime | None]:
    """What a version knows of the two; what it does not know is not even looked at."""
    times = {
        name: _time(query.get(name.replace("_", "-"))) if version >= first else None
        for name, first in (("changes_since", (2, 58)), ("changes_before", (2, 66)))
    }
    since, before = times["changes_since"], times["changes_before"]
    if since is not None and before is not None and since > before:
        raise exception.Invalid(
            "The value of changes-since must be less than or equal to changes-before."
        )
    return times


def _time(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    parsed: datetime.datetime = timeutils.normalize_time(timeutils.parse_isotime(text))
    return parsed

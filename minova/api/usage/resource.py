# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-simple-tenant-usage: the usage of all projects, for admins, and of one."""

import datetime
from typing import Any, Final

import falcon
from oslo_utils import timeutils

from minova import exception
from minova.api.answers import paging
from minova.api.front.request import Request
from minova.api.usage import view as views
from minova.api.usage.schema import USAGE_QUERY, USAGES_QUERY
from minova.api.usage.view import Period
from minova.api.validation.schema import Query
from minova.compute_api.projects.usage import UsageAPI
from minova.objects.usage import ServerUsage
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-simple-tenant-usage"
_PATH: Final = "os-simple-tenant-usage"
_FORMATS: Final = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")


class UsageResource:
    """The sums of all projects, or of one project with each of its servers."""

    def __init__(self, usage: UsageAPI, enforcer: Enforcer, max_limit: int) -> None:
        self._usage = usage
        self._enforcer = enforcer
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        """Show the usage of each project.

        Raises:
            Invalid: a wrong period or marker; 400.
            PolicyNotAuthorized: 403.
        """
        query = USAGES_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:list")
        period = _period(query)
        servers, link = self._page(req, query, period, _PATH, None)
        detailed = query.all.get("detailed", ["0"])[0] == "1"
        resp.media = {
            "tenant_usages": views.projects(servers, period, detailed=detailed),
            **link,
        }

    def on_get_of_one(
        self, req: Request, resp: falcon.Response, tenant_id: str
    ) -> None:
        """Show the usage of a project; empty if it had no server.

        Raises:
            Invalid, PolicyNotAuthorized: as above.
        """
        query = USAGE_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:show", tenant_id)
        period = _period(query)
        path = f"{_PATH}/{tenant_id}"
        servers, link = self._page(req, query, period, path, tenant_id)
        usages = views.projects(servers, period, detailed=True)
        resp.media = {
            "tenant_usage": usages[0] if usages else {},
            **link,
        }

    def _page(
        self,
        req: Request,
        query: Query,
        period: Period,
        path: str,
        project_id: str | None,
    ) -> tuple[list[ServerUsage], dict[str, Any]]:
        """Return a page of servers and the link to the next; no link before 2.40."""
        limit = paging.limit_of(query, self._max_limit)
        found = self._usage.servers(
            period.begin,
            period.end,
            project_id=project_id,
            limit=limit,
            marker=query.get("marker"),
        )
        key = "tenant_usages_links" if project_id is None else "tenant_usage_links"
        ids = [server.uuid for server in found]
        pages = limit if req.version >= (2, 40) else None
        return found, paging.next_link(req, query, path, key, ids, limit=pages)


def _period(query: Query) -> Period:
    """Read ``start`` and ``end``, by default now; the end is never in the future.

    Raises:
        Invalid: malformed, or the start is not before the end.
    """
    now = timeutils.utcnow()
    begin = _time(query, "start") or now - datetime.timedelta(microseconds=1)
    end = _time(query, "end") or now
    if begin >= end:
        raise exception.Invalid(
            "Invalid start time. The start time cannot occur after the end time."
        )
    return Period(begin, min(end, now))


def _time(query: Query, name: str) -> datetime.datetime | None:
    text = query.all.get(name, [""])[0]
    if not text:
        return None
    for form in _FORMATS:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    raise exception.Invalid("Invalid datetime string: Datetime is in invalid format")

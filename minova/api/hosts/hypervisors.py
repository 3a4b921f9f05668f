# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-hypervisors, for admins."""

from collections.abc import Callable
from typing import Any, Final

from falcon import Response
from oslo_utils import strutils, uuidutils

from minova import exception
from minova.api.answers import paging
from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.hosts import hypervisors_schema as schemas
from minova.api.hosts import hypervisors_view as views
from minova.api.validation.schema import Query
from minova.compute_api.hosts import HostAPI
from minova.objects.host import Hypervisor
from minova.policy import Enforcer

View = Callable[..., dict[str, Any]]

_RULE: Final = "os_compute_api:os-hypervisors"
_PATTERN: Final = "hypervisor_hostname_pattern"
_LARGEST_ID: Final = 2**31 - 1


class _Hypervisors:
    def __init__(self, hosts: HostAPI, enforcer: Enforcer) -> None:
        self._hosts = hosts
        self._enforcer = enforcer

    def _matching(self, name: str, *, with_servers: bool) -> list[Hypervisor]:
        found = self._hosts.hypervisors(name=name, with_servers=with_servers)
        if not found:
            raise exception.NoMatchingHypervisor(name)
        return found


class HypervisorsResource(_Hypervisors):
    """The list of hypervisors, short or detailed, and their statistics."""

    def __init__(self, hosts: HostAPI, enforcer: Enforcer, max_limit: int) -> None:
        super().__init__(hosts, enforcer)
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: Response) -> None:
        self._list(req, resp, "os-hypervisors", "list", views.basic)

    def on_get_detail(self, req: Request, resp: Response) -> None:
        self._list(req, resp, "os-hypervisors/detail", "list-detail", views.detail)

    @since("2.1", "2.87")
    def on_get_statistics(self, req: Request, resp: Response) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:statistics")
        shown = views.statistics(self._hosts.hypervisors())
        resp.media = {"hypervisor_statistics": shown}

    def _list(
        self, req: Request, resp: Response, path: str, rule: str, view: View
    ) -> None:
        query = schemas.HYPERVISORS_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:{rule}")
        with_servers = _with_servers(query)
        if _PATTERN in query:
            _refuse_pages(query)
            found = self._matching(query[_PATTERN], with_servers=with_servers)
            limit = None
        else:
            paged = req.version >= (2, 33)
            limit = paging.limit_of(query, self._max_limit) if paged else None
            found = self._hosts.hypervisors(
                limit=limit, marker=_marker(req, query), with_servers=with_servers
            )
        shown = [view(req, one, with_servers=with_servers) for one in found]
        ids = [str(one["id"]) for one in shown]
        resp.media = {
            "hypervisors": shown,
            **paging.next_link(req, query, path, "hypervisors_links", ids, limit=limit),
        }


class HypervisorResource(_Hypervisors):
    """One hypervisor; until 2.52 also the search by a part of a name."""

    def on_get(self, req: Request, resp: Response, hypervisor_id: str) -> None:
        query = schemas.HYPERVISOR_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:show")
        with_servers = _with_servers(query)
        found = self._find(req, hypervisor_id, with_servers=with_servers)
        shown = views.detail(req, found, with_servers=with_servers)
        resp.media = {"hypervisor": shown}

    @since("2.1", "2.87")
    def on_get_uptime(self, req: Request, resp: Response, hypervisor_id: str) -> None:
        """Show what uptime(1) printed on the host at its last report.

        Raises:
            ComputeServiceUnavailable: the host is down; 400.
        """
        self._enforcer.authorize(req.caller, f"{_RULE}:uptime")
        found = self._find(req, hypervisor_id)
        if not found.service.alive:
            raise exception.ComputeServiceUnavailable(found.host)
        shown = views.basic(req, found) | {"uptime": found.uptime}
        resp.media = {"hypervisor": shown}

    @since("2.1", "2.52")
    def on_get_search(self, req: Request, resp: Response, hypervisor_id: str) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:search")
        found = self._matching(hypervisor_id, with_servers=False)
        resp.media = {"hypervisors": [views.basic(req, one) for one in found]}

    @since("2.1", "2.52")
    def on_get_servers(self, req: Request, resp: Response, hypervisor_id: str) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:servers")
        found = self._matching(hypervisor_id, with_servers=True)
        resp.media = {
            "hypervisors": [views.basic(req, one, with_servers=True) for one in found]
        }

    def _find(
        self, req: Request, hypervisor_id: str, *, with_servers: bool = False
    ) -> Hypervisor:
        """Find a hypervisor by number, since 2.53 by UUID, never by name.

        A client that has a name asks with the name first, then reads the list.
        """
        key: int | str | None = _number(hypervisor_id)
        if req.version >= (2, 53):
            if not uuidutils.is_uuid_like(hypervisor_id):
                raise exception.Invalid(f"Invalid uuid {hypervisor_id}")
            key = hypervisor_id
        found = None
        if key is not None:
            found = self._hosts.hypervisor(key, with_servers=with_servers)
        if found is None:
            raise exception.HypervisorNotFound(hypervisor_id)
        return found


def _with_servers(query: Query) -> bool:
    return bool(strutils.bool_from_string(query.get("with_servers", "false")))


def _refuse_pages(query: Query) -> None:
    """Refuse pages of a search; Nova's answer does not give the reason either."""
    if "limit" in query or "marker" in query:
        raise exception.Invalid(
            "The server could not comply with the request since it is either malformed "
            "or otherwise incorrect."
        )


def _marker(req: Request, query: Query) -> int | str | None:
    marker = query.get("marker")
    if marker is None or req.version < (2, 33):
        return None
    if req.version >= (2, 53):
        return marker
    number = _number(marker)
    if number is None:
        raise exception.MarkerNotFound(marker)
    return number


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:10]), _LARGEST_ID)

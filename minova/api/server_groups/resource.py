# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-server-groups: each project's own."""

from typing import Final

import falcon

from minova.api.answers import paging
from minova.api.front.request import Request
from minova.api.server_groups import view as views
from minova.api.server_groups.schema import GROUP_CREATE, GROUPS_QUERY
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.projects.server_groups import ServerGroupAPI
from minova.objects.server_group import ServerGroup
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-server-groups"


class ServerGroupsResource:
    def __init__(
        self, groups: ServerGroupAPI, enforcer: Enforcer, max_limit: int
    ) -> None:
        self._groups = groups
        self._enforcer = enforcer
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        """List a project's groups; ``all_projects`` only has an effect for admins."""
        query = GROUPS_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, f"{_RULE}:index")
        project_id = req.caller.project_id
        if "all_projects" in query and req.caller.is_admin:
            self._enforcer.authorize(req.caller, f"{_RULE}:index:all_projects")
            project_id = None
        # In this list only, a limit of 0 means no limit.
        limit = paging.limit_of(query, self._max_limit) or self._max_limit
        found = self._groups.get_all(project_id, limit, paging.offset_of(query))
        resp.media = {"server_groups": [views.group(req, group) for group in found]}

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Create a group.

        Raises:
            Invalid: 400.
            PolicyNotAuthorized, ServerGroupLimitExceeded: 403.
        """
        body = req.read_json()
        GROUP_CREATE.of(req.version).check(body)
        self._enforcer.authorize(req.caller, f"{_RULE}:create")
        asked = body["server_group"]
        policy = asked["policy"] if "policy" in asked else asked["policies"][0]
        rules = {name: int(value) for name, value in asked.get("rules", {}).items()}
        group = self._groups.create(req.caller, asked["name"], policy, rules)
        resp.media = {"server_group": views.group(req, group)}


class ServerGroupResource:
    """One group; another project's is a 404, because the group is read first."""

    def __init__(self, groups: ServerGroupAPI, enforcer: Enforcer) -> None:
        self._groups = groups
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, group_id: str) -> None:
        group = self._authorized(req, group_id, "show")
        resp.media = {"server_group": views.group(req, group)}

    def on_delete(self, req: Request, resp: falcon.Response, group_id: str) -> None:
        self._groups.delete(self._authorized(req, group_id, "delete"))
        resp.status = falcon.HTTP_204

    def _authorized(self, req: Request, group_id: str, verb: str) -> ServerGroup:
        group = self._groups.get(req.caller, group_id)
        self._enforcer.authorize(req.caller, f"{_RULE}:{verb}", group.project_id)
        return group

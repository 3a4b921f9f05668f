# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups.  Each belongs to a project."""

from collections.abc import Mapping

from oslo_utils import uuidutils

from minova import exception
from minova.compute_api.projects.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.server_group import ANTI_AFFINITY, ServerGroup


class ServerGroupAPI:
    def __init__(self, db: Database, quotas: Quotas) -> None:
        self._db = db
        self._quotas = quotas

    def create(
        self, context: RequestContext, name: str, policy: str, rules: Mapping[str, int]
    ) -> ServerGroup:
        """Create an empty group.

        Raises:
            Invalid: the policy takes no rules.
            ServerGroupLimitExceeded: 403.
        """
        if rules and policy != ANTI_AFFINITY:
            raise exception.Invalid("Only anti-affinity policy supports rules.")
        project_id, user_id = context.project_id or "", context.user_id or ""
        group = ServerGroup(
            uuid=uuidutils.generate_uuid(),
            name=name,
            project_id=project_id,
            user_id=user_id,
            policy=policy,
            rules=rules,
        )
        limits = [
            self._quotas.limits(project_id, whose)["server_groups"]
            for whose in (None, user_id)
        ]
        self._db.server_group_create(group, *limits)
        return group

    def get(self, context: RequestContext, group_uuid: str) -> ServerGroup:
        """Find a group.  Only an admin can see groups of other projects.

        Raises:
            InstanceGroupNotFound: it does not exist, or the caller cannot see it.
        """
        project_id = None if context.is_admin else context.project_id
        group = self._db.server_group_get(group_uuid, project_id)
        if group is None:
            raise exception.InstanceGroupNotFound(group_uuid)
        return group

    def get_all(
        self, project_id: str | None, limit: int, offset: int
    ) -> list[ServerGroup]:
        """Return a page of the groups of a project, or of all projects."""
        return self._db.server_group_list(project_id, limit, offset)

    def delete(self, group: ServerGroup) -> None:
        """Delete a group, but not its servers.

        Raises:
            InstanceGroupNotFound: another request deleted it first.
        """
        if not self._db.server_group_delete(group.uuid):
            raise exception.InstanceGroupNotFound(group.uuid)

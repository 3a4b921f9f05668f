# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/projects/{id}: the one question that clients ask Keystone where there is none."""

import falcon

from minova import exception
from minova.api.front.request import Request


class ProjectResource:
    """A project by its name, which is its id.

    With ``auth_type none`` the compute endpoint serves every look-up, and
    openstackclient looks a project up before it asks for the quota of it.  Nova has
    nothing here; neither has minova where there is a Keystone to be asked.
    """

    def on_get(self, req: Request, resp: falcon.Response, project_id: str) -> None:
        """Show it, as version 3 of the Identity API does.

        Raises:
            ProjectNotFound: it is not the caller's, who is no admin.  To an admin any
                name is a project: somebody may be in it at any time.
        """
        if not req.caller.is_admin and project_id != req.caller.project_id:
            raise exception.ProjectNotFound(project_id)
        resp.media = {
            "project": {
                "id": project_id,
                "name": project_id,
                "domain_id": "default",
                "parent_id": "default",
                "is_domain": False,
                "enabled": True,
                "description": "",
                "tags": [],
                "options": {},
                "links": {"self": req.link(f"projects/{project_id}")},
            }
        }

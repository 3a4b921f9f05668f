# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/projects/{id}: the only path of Keystone that clients use without a Keystone."""

import falcon

from minova import exception
from minova.api.front.request import Request


class ProjectResource:
    """A project by its name, which is its id.

    With ``auth_type none`` clients send every request to the compute endpoint, and
    openstackclient looks a project up before it asks for its quota. Nova does not have
    this path, and minova has it only without Keystone.
    """

    def on_get(self, req: Request, resp: falcon.Response, project_id: str) -> None:
        """Show a project as version 3 of the Identity API does.

        Raises:
            ProjectNotFound: the project is not the caller's. For an admin every name is
                a project, because its first user may come at any time.
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

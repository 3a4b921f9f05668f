# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Deleting servers, and waiting until they are gone."""

import time
from http import HTTPStatus
from typing import Final

from minova.testing.asking import Asking, Refused

_WITHIN: Final = 30.0
"""Seconds."""


def delete_servers(ask: Asking, project_id: str | None) -> None:
    """Delete the servers of one project, or of all projects (None), as the admin.

    Raises:
        Refused: the cloud does not answer, or servers are left after 30 s.
    """
    path = "/servers?all_tenants=1"
    if project_id is not None:
        path += f"&project_id={project_id}"
    asked: set[str] = set()
    deadline = time.monotonic() + _WITHIN
    while servers := ask.compute("GET", path)["servers"]:
        new = {server["id"] for server in servers} - asked
        for server_id in new:
            try:
                ask.compute("DELETE", f"/servers/{server_id}")
            except Refused as refused:
                if refused.status != HTTPStatus.NOT_FOUND:
                    raise
        asked |= new
        if time.monotonic() > deadline:
            raise Refused(0, f"{len(servers)} servers cannot be deleted")
        time.sleep(0 if new else 0.01)

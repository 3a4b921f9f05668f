# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups as JSON at each version."""

from typing import Any

from minova.api.front.request import Request
from minova.objects.server_group import ServerGroup


def group(req: Request, shown: ServerGroup) -> dict[str, Any]:
    view: dict[str, Any] = {"id": shown.uuid, "name": shown.name}
    if req.version >= (2, 64):
        view |= {"policy": shown.policy, "rules": dict(shown.rules)}
    else:
        # Groups never had metadata.
        view |= {"policies": [shown.policy], "metadata": {}}
    view["members"] = list(shown.members)
    if req.version >= (2, 13):
        view |= {"project_id": shown.project_id, "user_id": shown.user_id}
    return view

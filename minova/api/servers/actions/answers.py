# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is answered to an accepted action, beyond its status."""

import dataclasses
from collections.abc import Callable
from typing import Any, Final

import falcon
from oslo_utils import timeutils

from minova.api.front.request import Request
from minova.api.servers import view as views
from minova.api.servers.shown import shown_of
from minova.compute_api.api import API
from minova.compute_api.preparations import Prepared
from minova.objects.instance import Instance
from minova.policy import Enforcer
from minova.vocabulary.instance_actions import Action, Answer

OfServer = Callable[[Prepared], dict[str, Any]]

_WHOLE_SINCE: Final = (2, 75)


class Answers:
    """Tells of a request what its row says: what was kept with the claim, or this.

    - ``server``: the server as the claim left it, with the password that it is given;
    - ``location``: the link to it.
    """

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def look(self, req: Request, instance: Instance, action: Action) -> OfServer | None:
        """Ask all that the answer asks of the database, before the claim.

        What is claimed may not be answered with a 503.

        Returns:
            What makes the rest of what was claimed; None where nothing is asked.
        """
        if "server" not in (action.answer_at(req.version).body or {}).values():
            return None
        whole = req.version >= _WHOLE_SINCE
        shown = shown_of(
            req, self._compute_api, self._enforcer, [instance], one=True, whole=whole
        )

        def of_server(prepared: Prepared) -> dict[str, Any]:
            claimed = dataclasses.replace(
                instance,
                **(prepared.changes or {}),
                task_state=action.task_state,
                updated_at=timeutils.utcnow(),
            )
            password = (prepared.arguments or {})["admin_password"]
            return {
                "server": views.rebuilding(req, claimed, shown, password),
                "location": req.link(f"servers/{instance.uuid}"),
            }

        return of_server

    @staticmethod
    def tell(
        resp: falcon.Response,
        answer: Answer,
        prepared: Prepared,
        of_server: OfServer | None,
    ) -> None:
        """Fill in body and headers."""
        told = dict(prepared.arguments or {})
        if of_server is not None:
            told |= of_server(prepared)
        if answer.body is not None:
            resp.media = {
                key: told[name] for key, name in answer.body.items() if name in told
            }
        for header, name in answer.headers.items():
            resp.set_header(header, told[name])

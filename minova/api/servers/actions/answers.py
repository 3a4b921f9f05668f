# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Body and headers of the answer to an accepted action."""

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
    """Fills an answer with the values that the action's row in the table names.

    They come from the claim, except for these two:

    - ``server``: the server after the claim, with its new password;
    - ``location``: the link to the server.
    """

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def look(self, req: Request, instance: Instance, action: Action) -> OfServer | None:
        """Read what the answer needs from the database, before the claim.

        After a claim the answer asks no database: a claim must not end in a 503.

        Returns:
            A function that makes these two values after the claim; None if the answer
            needs neither.
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
        """Write the body and the headers."""
        told = dict(prepared.arguments or {})
        if of_server is not None:
            told |= of_server(prepared)
        if answer.body is not None:
            resp.media = {
                key: told[name] for key, name in answer.body.items() if name in told
            }
        for header, name in answer.headers.items():
            resp.set_header(header, told[name])

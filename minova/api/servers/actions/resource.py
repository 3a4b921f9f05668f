# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""POST /servers/{server_id}/action."""

import functools
from typing import Any, Final

import falcon

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.front.request import Request, one_action, parse_json
from minova.api.servers.actions.answers import Answers
from minova.api.servers.actions.in_place import ActionsInPlace
from minova.api.validation.schema import Schema
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer
from minova.vocabulary import action_bodies, instance_actions
from minova.vocabulary.action_bodies import Version
from minova.vocabulary.instance_actions import REBUILD, Action, InPlace
from minova.vocabulary.parameter_types import body as body_of

_GONE: Final = frozenset({"resetNetwork"})
"""Actions that Nova removed: 410 for any server."""
_RULES_OF_ARGUMENTS: Final = {
    REBUILD: {"trusted_image_certificates": f"{REBUILD.policy}:trusted_certs"}
}
"""Arguments that need a policy rule besides the action's."""


class ServerActionResource:
    """The resource of all actions in the table."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self._in_place = ActionsInPlace(compute_api, enforcer).methods
        self._answers = Answers(compute_api, enforcer)

    def on_post(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Accept an action: 202. The host does it later.

        Raises:
            Invalid: the body is not one known action, or does not fit its schema; 400.
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
            Conflict: the server is locked, or in the wrong state; 409.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        body = parse_json(req.read_body())
        key, value = one_action(body)
        action = instance_actions.find(key, value)
        if action is None:
            raise _absent(key)
        log_action("action", self._in_place.get(key, self.on_post), body)
        _check_body(action, req.version, body)
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, action.policy, instance.project_id)
        if isinstance(action, InPlace) or key in self._in_place:
            self._in_place[key](req, resp, instance, value)
            return
        asked = self._allowed(req, instance, action, value) if action.body else None
        answer = action.answer_at(req.version)
        of_server = self._answers.look(req, instance, action) if answer.body else None
        prepared = self._compute_api.accept(req.caller, instance, action, asked)
        resp.status = answer.status
        if answer.body is not None or answer.headers:
            self._answers.tell(resp, answer, prepared, of_server)

    def _allowed(
        self, req: Request, instance: Instance, action: Action, asked: Any
    ) -> Any:
        """Return the arguments, if the caller may use all of them."""
        for name, rule in _RULES_OF_ARGUMENTS.get(action, {}).items():
            if name in asked:
                self._enforcer.authorize(req.caller, rule, instance.project_id)
        return asked


def _absent(key: str) -> Exception:
    if key in _GONE:
        text = "This resource is no longer available. No forwarding address is given."
        return falcon.HTTPGone(description=text)
    return exception.NoSuchAction(key)


def _check_body(action: Action | InPlace, version: Version, body: Any) -> None:
    since = action_bodies.since(action.body, version)
    if since is not None:
        # Every action that a later version removed has a schema.
        if isinstance(action, InPlace) and not action.is_there(version):
            raise falcon.HTTPNotFound(description="The resource could not be found.")
        _schema(action, since).check(body)


@functools.cache
def _schema(action: Action | InPlace, since: Version) -> Schema:
    return Schema(body_of(str(action.key), dict(action.body[since])))

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The actions that have a method of their own; most take no claim."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import falcon

from minova.api.attachments.actions import NetworkActions
from minova.api.front.request import Request
from minova.api.migrations.actions import MigrateActions
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer
from minova.vocabulary.vm_states import VMState

Method = Callable[[Request, falcon.Response, Instance, Any], None]

_UNLOCK_OVERRIDE: Final = "os_compute_api:os-lock-server:unlock:unlock_override"


class ActionsInPlace:
    """One method for each action; it gets the server and the value of the action's key.

    Body and policy are already checked, as the table says.

    Attributes:
        methods: by the action's key.
    """

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self.methods: Mapping[str, Method] = {
            "lock": self._lock,
            "unlock": self._unlock,
            "changePassword": self._change_password,
            "os-getConsoleOutput": self._get_console_output,
            "os-resetState": self._reset_state,
            "restore": self._restore,
            "forceDelete": self._force_delete,
            "injectNetworkInfo": self._inject_network_info,
            **NetworkActions(compute_api).methods,
            **MigrateActions(compute_api, enforcer).methods,
        }

    def _lock(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        reason = None
        if req.version >= (2, 73):
            reason = (value or {}).get("locked_reason")
        self._compute_api.lock(req.caller, instance, reason)
        resp.status = falcon.HTTP_202

    def _unlock(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Raises PolicyNotAuthorized if the owner unlocks what an admin locked."""
        if self._compute_api.is_lock_of_others(req.caller, instance):
            self._enforcer.authorize(req.caller, _UNLOCK_OVERRIDE, instance.project_id)
        self._compute_api.unlock(req.caller, instance)
        resp.status = falcon.HTTP_202

    def _restore(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.restore(req.caller, instance)
        resp.status = falcon.HTTP_202

    def _force_delete(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.force_delete(req.caller, instance)
        resp.status = falcon.HTTP_202

    def _change_password(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Refuse: no guest has an agent that could set a password."""
        self._compute_api.change_password(req.caller, instance)

    def _reset_state(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        self._compute_api.reset_state(req.caller, instance, VMState(value["state"]))
        resp.status = falcon.HTTP_202

    def _inject_network_info(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Accept the request and do nothing, as Nova's libvirt driver does."""
        self._compute_api.inject_network_info(req.caller, instance)
        resp.status = falcon.HTTP_202

    def _get_console_output(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Answer with the last ``length`` lines; -1 and null ask for all."""
        length = value.get("length")
        tail = None if length is None or int(length) < 0 else int(length)
        output = self._compute_api.get_console_output(req.caller, instance, tail)
        resp.media = {"output": "".join(filter(_is_shown, output))}


def _is_shown(letter: str) -> bool:
    """Tabs, line feeds and everything printable, as in Nova's answer."""
    return letter >= " " or letter in "\t\n"

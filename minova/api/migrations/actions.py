# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The actions that would move a server to another host."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import falcon
from oslo_utils import strutils

from minova import exception
from minova.api.front.request import Request
from minova.compute_api import admin_passwords
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer

Method = Callable[[Request, falcon.Response, Instance, Any], None]

_MIGRATE: Final = "os_compute_api:os-migrate-server:migrate"
_LAST_WITH_STORAGE: Final = (2, 13)
_FIRST_ASYNCHRONOUS: Final = (2, 34)
_FIRST_WITH_HOST: Final = (2, 56)


class MigrateActions:
    """One method for each action, called like those of ``ActionsInPlace``.

    Attributes:
        methods: by the action's key.
    """

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self.methods: Mapping[str, Method] = {
            "migrate": self._migrate,
            "os-migrateLive": self._migrate_live,
            "evacuate": self._evacuate,
        }

    def _migrate(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        host = None
        if req.version >= _FIRST_WITH_HOST:
            host = (value or {}).get("host")
        if host is not None:
            self._authorize(req, instance, f"{_MIGRATE}:host")
        self._compute_api.migrate(req.caller, instance, host)
        resp.status = falcon.HTTP_202

    def _migrate_live(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Answer 202; below 2.34, where Nova waits for the result, raise Invalid."""
        host = value["host"]
        if host is not None:
            self._authorize(req, instance, f"{_MIGRATE}_live:host")
        _check_force(value)
        waits = req.version < _FIRST_ASYNCHRONOUS
        self._compute_api.migrate_live(req.caller, instance, host, waits=waits)
        resp.status = falcon.HTTP_202

    def _evacuate(
        self, req: Request, resp: falcon.Response, instance: Instance, value: Any
    ) -> None:
        """Answer 200; until 2.13 the body has a password."""
        _check_force(value)
        password = value.get("adminPass")
        shared = strutils.bool_from_string(value.get("onSharedStorage", False))
        if shared and password is not None:
            raise exception.Invalid("admin password can't be changed on existing disk")
        self._compute_api.evacuate(req.caller, instance, value.get("host"))
        resp.status = falcon.HTTP_200
        if req.version <= _LAST_WITH_STORAGE:
            given = admin_passwords.new() if password is None else password
            resp.media = {"adminPass": None if shared else given}

    def _authorize(self, req: Request, instance: Instance, rule: str) -> None:
        self._enforcer.authorize(req.caller, rule, instance.project_id)


def _check_force(value: Mapping[str, Any]) -> None:
    if strutils.bool_from_string(value.get("force", False)) and not value.get("host"):
        raise exception.Invalid("Can't force to a non-provided destination")

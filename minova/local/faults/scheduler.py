# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A scheduler that finds no host when a fault orders it."""

import dataclasses
from typing import Any, Final

import sqlalchemy as sa

from minova.api.faults import kinds
from minova.api.faults.fault import Meeting
from minova.api.faults.registry import Faults
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.claims import Claim
from minova.objects.instance import Instance, NewInstance
from minova.vocabulary.instance_actions import CREATE, RESIZE, Action

_KINDS: Final = (kinds.NO_VALID_HOST,)


class FaultyDatabase(Database):
    """A database that finds no host: hosts are chosen in its transactions."""

    def __init__(self, engine: sa.Engine, faults: Faults) -> None:
        super().__init__(engine)
        self._faults = faults

    def instance_create(
        self, context: RequestContext, new: NewInstance, rank: Any, *args: Any
    ) -> Instance:
        meeting = Meeting(
            request_id=context.request_id,
            project_id=context.project_id,
            server_id=new.uuid,
            server_name=new.display_name,
            action=CREATE.name,
        )
        if self._faults.strike(_KINDS, meeting):
            rank = _nobody
        return super().instance_create(context, new, rank, *args)

    def instance_claim(
        self,
        context: RequestContext,
        instance_uuid: str,
        action: Action,
        *args: Any,
        **kwargs: Any,
    ) -> Claim | None:
        if action is RESIZE and self._has_no_host(context, instance_uuid):
            kwargs["size"] = dataclasses.replace(kwargs["size"], may_stay=False)
        return super().instance_claim(context, instance_uuid, action, *args, **kwargs)

    def _has_no_host(self, context: RequestContext, instance_uuid: str) -> bool:
        server = self.instance_get(instance_uuid)
        if server is None:
            return False
        meeting = Meeting(
            request_id=context.request_id,
            project_id=server.project_id,
            server_id=server.uuid,
            server_name=server.display_name,
            host=server.host,
            action=RESIZE.name,
        )
        return bool(self._faults.strike(_KINDS, meeting))


def _nobody(*_: object) -> list[Any]:
    return []

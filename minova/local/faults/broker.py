# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A broker that is away when it was ordered to be."""

from typing import Any, Final

from minova.api.faults import kinds
from minova.api.faults.fault import Fault, Meeting
from minova.api.faults.registry import Faults
from minova.rpc.in_process import Refusal
from minova.vocabulary import instance_actions

_KINDS: Final = (kinds.BROKER_AWAY,)
_ACTIONS: Final = {row.rpc_method: row.name for row in instance_actions.ALL}


class FaultyBroker:
    """The gate of a transport.

    Where it is away for some only, it gives their messages back, as if their host had
    no queue: a broker that cannot be reached is so for everybody (``rpc.breaker``).
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(
        self, target: Any, context: dict[str, Any], message: dict[str, Any]
    ) -> Refusal | None:
        args = message["args"]
        if "instance_uuid" not in args:
            # What minova asks by itself: whether the broker is back, or a host hears.
            return Refusal.AWAY if self._is_away() else None
        meeting = Meeting(
            request_id=context.get("request_id"),
            project_id=context.get("project_id"),
            server_id=args["instance_uuid"],
            host=target.server,
            action=_ACTIONS.get(message["method"]),
        )
        struck = self._faults.strike(_KINDS, meeting)
        if not struck:
            return None
        away = any(not fault.is_confined for fault in struck)
        return Refusal.AWAY if away else Refusal.RETURNED

    def _is_away(self) -> bool:
        return any(_is_for_everybody(fault) for fault in self._faults.listed())


def _is_for_everybody(fault: Fault) -> bool:
    return (
        fault.kind == kinds.BROKER_AWAY.name
        and not fault.is_confined
        and not fault.is_spent
    )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A broker that is away when a fault orders it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from minova.api.faults import kinds
from minova.api.faults.fault import Fault, Meeting
from minova.api.faults.middleware import MEETING
from minova.api.faults.registry import Faults
from minova.rpc.in_process import Refusal
from minova.vocabulary import instance_actions

_KINDS: Final = (kinds.BROKER_AWAY,)
_ACTIONS: Final = {row.rpc_method: row.name for row in instance_actions.ALL}


class FaultyBroker:
    """The gate of a transport, which lets a message pass or not.

    If the broker is away for some requests only, their messages come back as if the
    host had no queue.  Reporting the broker as away would open ``rpc.breaker``, which
    affects everybody.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(
        self, target: Any, context: dict[str, Any], message: dict[str, Any]
    ) -> Refusal | None:
        args = message["args"]
        if "instance_uuid" not in args:
            # minova's own questions: is the broker back, does a host still listen?
            return Refusal.AWAY if _for_everybody(self._faults) else None
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


class Refusals:
    """WSGI middleware that counts a fault for the requests that n-api refuses itself.

    While n-api knows that the broker is away, it sends no message, but the fault is
    still the reason for the 503.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], faults: Faults) -> None:
        self._app = app
        self._faults = faults

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def note_and_start(status: str, headers: Any, *exc_info: Any) -> Any:
            meeting = environ.get(MEETING)
            if status.startswith("503 ") and meeting is not None:
                self._note(meeting)
            return start_response(status, headers, *exc_info)

        return self._app(environ, note_and_start)

    def _note(self, meeting: Meeting) -> None:
        if not self._faults.touched(meeting.request_id):
            for fault in _for_everybody(self._faults):
                self._faults.note(fault.id, meeting)


def _for_everybody(faults: Faults) -> list[Fault]:
    """Return the faults that take the broker away for everybody, all the time."""
    return [
        fault
        for fault in faults.listed()
        if fault.kind == kinds.BROKER_AWAY.name
        and not (fault.is_confined or fault.is_spent)
        and fault.probability == 1
    ]

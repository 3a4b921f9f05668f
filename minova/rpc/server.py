# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Receives messages: minova's own reach the host's methods, others end here."""

import logging as python_logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

import oslo_messaging
from oslo_log import log as logging
from oslo_messaging.rpc.server import RPCServer
from oslo_utils import uuidutils

from minova.context import RequestContext
from minova.rpc.client import ContextSerializer
from minova.rpc.threads import Threads
from minova.rpc.transport import TOPIC

LOG = logging.getLogger(__name__)

_Endpoint = TypeVar("_Endpoint")
Check = Callable[[object], bool]

# What a context may bring; each is text of some length, or nothing.
_NAMES = (
    *("message_id", "global_request_id"),
    *("user_id", "user_name", "project_id", "project_name"),
)
_LONGEST = 255
_VERSION = "[0-9]{1,5}[.][0-9]{1,5}"


def exposed(method: _Endpoint) -> _Endpoint:
    """Mark what a message may call, with the ``instance_uuid`` it brings.

    Nothing else of an endpoint can be reached, and nothing else is brought.
    """
    return exposed_with(instance_uuid=uuidutils.is_uuid_like)(method)


def exposed_with(**takes: Check) -> Callable[[_Endpoint], _Endpoint]:
    """Mark what a message may call, and say how to know each of its arguments."""

    def mark(method: _Endpoint) -> _Endpoint:
        marked: _Endpoint = oslo_messaging.expose(method)
        marked.takes = takes  # type: ignore[attr-defined]
        return marked

    return mark


def target(version: str, namespace: str | None = None) -> Any:
    """What an endpoint says of itself in its ``target`` attribute."""
    return oslo_messaging.Target(version=version, namespace=namespace)


def create_server(transport: Any, host: str, *endpoints: object) -> Any:
    """Make the consumer of ``compute.<host>``; ``start()`` begins to consume."""
    # The first has its logger from oslo.log, which writes a point into its name.
    for name in ("oslo.messaging._drivers.impl_rabbit", _AMQPDRIVER):
        python_logging.getLogger(name).addFilter(_say_in_a_line)
    return oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(topic=TOPIC, server=host),
        list(endpoints),
        # Not `executor=`: deprecated in 18.3, and threads are what it chooses.
        serializer=ContextSerializer(),
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
        server_cls=_Server,
    )


_AMQPDRIVER = "oslo_messaging._drivers.amqpdriver"


class _Server(RPCServer):  # type: ignore[misc]
    """A server that looks at a message before it dispatches it."""

    def __init__(
        self, transport: Any, target: Any, dispatcher: Any, executor: Any
    ) -> None:
        super().__init__(transport, target, _Gate(dispatcher), executor)
        # futurist's pool, which oslo.messaging 18.3 takes, starts a thread for each of
        # the first 64 messages though all others are idle: it looks like a leak.
        self._executor_cls = Threads


class _Gate:
    """Lets pass what minova sent; whatever else the queue holds is said and dropped.

    oslo.messaging 18.3 would log a traceback for each, answer to a queue that the
    message itself names, and for an unknown method with a ``_timeout`` leave a thread
    behind that never ends.
    """

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def dispatch(self, incoming: Any) -> Any:
        reason = _find_fault(self._dispatcher.endpoints, incoming)
        if reason is None:
            return self._dispatcher.dispatch(incoming)
        # Else the line would name the request that this thread served before.
        RequestContext.service()
        LOG.warning("Rejected a message that is not minova's: %s", reason)
        # Nobody is answered: oslo.messaging takes it for a cast.
        incoming.orig_msg_id = None
        return None


def _find_fault(endpoints: list[Any], incoming: Any) -> str | None:
    """Why a message cannot be minova's; None when nothing speaks against it."""
    message = incoming.message
    method, args = message.get("method"), message.get("args")
    if not isinstance(method, str) or not isinstance(args, dict):
        return "no method, or no arguments"
    takes = _takes(endpoints, message, method)
    if takes is None:
        return (
            f"no method {_short(method)} in version {_short(message.get('version'))}, "
            f"namespace {_short(message.get('namespace'))}"
        )
    if args.keys() != takes.keys():
        return f"{method} does not take {_short(sorted(args))}"
    for name, check in takes.items():
        if not check(args[name]):
            return f"{method} got {name} {_short(args[name])}"
    if incoming.client_timeout is not None:
        return f"{method} with a watch over the call"
    return _find_fault_in_context(incoming.ctxt)


def _takes(
    endpoints: list[Any], message: dict[str, Any], method: str
) -> dict[str, Check] | None:
    for endpoint in endpoints:
        found: Any = getattr(endpoint, method, None)
        if (
            getattr(found, "exposed", False)
            and message.get("namespace") == endpoint.target.namespace
            and _can_serve(endpoint.target.version, message.get("version"))
        ):
            takes: dict[str, Check] = found.takes
            return takes
    return None


def _can_serve(ours: str, theirs: object) -> bool:
    """The same major version, and a minor one that is not newer."""
    if not isinstance(theirs, str) or not re.fullmatch(
        "[0-9]{1,5}[.][0-9]{1,5}", theirs
    ):
        return False
    major, minor = theirs.split(".")
    our_major, our_minor = ours.split(".")
    return int(major) == int(our_major) and int(minor) <= int(our_minor)


def _find_fault_in_context(context: dict[str, Any]) -> str | None:
    request_id = context.get("request_id")
    if not isinstance(request_id, str) or len(request_id) > _LONGEST:
        return f"request id {_short(request_id)}"
    for name in _NAMES:
        value = context.get(name)
        if not isinstance(value, str | None) or len(value or "") > _LONGEST:
            return f"{name} {_short(value)}"
    roles = context.get("roles") or []
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return f"roles {_short(roles)}"
    return None


def _short(value: object) -> str:
    """A beginning of what a stranger sent: enough to find him, never all of it."""
    return ascii(value[:40] if isinstance(value, str | list) else value)[:60]


def _say_in_a_line(record: python_logging.LogRecord) -> bool:
    """Turn what oslo.messaging 18.3 says with a traceback of a message into a line."""
    text = str(record.msg)
    if record.exc_info and text.startswith("Failed to process message"):
        error = record.exc_info[1]
        record.msg = "Rejected a message that is not minova's: %s: %s"
        record.args = (type(error).__name__, _short(str(error)))
        record.levelno, record.levelname = python_logging.WARNING, "WARNING"
    elif record.exc_info and text.startswith("ignoring duplicate message"):
        record.msg = "Dropped a message that RabbitMQ delivered twice: %s"
        record.args = (_short(str(record.exc_info[1])),)
        record.levelno, record.levelname = python_logging.WARNING, "WARNING"
    else:
        return True
    record.exc_info = record.exc_text = None
    return True

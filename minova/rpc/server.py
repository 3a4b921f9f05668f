# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Receive messages: minova's own reach the host's methods, others are dropped."""

import collections
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import oslo_messaging
from oslo_log import log as logging
from oslo_messaging.rpc.server import RPCServer
from oslo_utils import uuidutils

from minova.context import RequestContext
from minova.rpc.client import ContextSerializer
from minova.rpc.lines import short
from minova.rpc.threads import Threads
from minova.rpc.transport import TOPIC
from minova.rpc.versions import understands

LOG = logging.getLogger(__name__)

_Endpoint = TypeVar("_Endpoint")
Check = Callable[[object], bool]

# Names in a context.  Each value is None or a text of at most _LONGEST characters.
_NAMES = (
    *("message_id", "global_request_id"),
    *("user_id", "user_name", "project_id", "project_name"),
)
_LONGEST = 255


def exposed(method: _Endpoint) -> _Endpoint:
    """Mark a method that a message may call, with ``instance_uuid`` as its argument.

    Messages cannot call unmarked methods, or bring other arguments.
    """
    return exposed_with(instance_uuid=uuidutils.is_uuid_like)(method)


def exposed_with(**takes: Check) -> Callable[[_Endpoint], _Endpoint]:
    """Mark a method that a message may call, with a check for each argument."""

    def mark(method: _Endpoint) -> _Endpoint:
        marked: _Endpoint = oslo_messaging.expose(method)
        marked.takes = takes  # type: ignore[attr-defined]
        return marked

    return mark


def target(version: str, namespace: str | None = None) -> Any:
    """Make the ``target`` attribute of an endpoint."""
    return oslo_messaging.Target(version=version, namespace=namespace)


def create_server(
    transport: Any, host: str, *endpoints: object, builds: int = 10
) -> Any:
    """Make the consumer of ``compute.<host>``.  ``start()`` begins to consume.

    Messages for an endpoint with a namespace do not wait for the threads of others.
    An endpoint's ``lanes`` gives the lane of each of its methods.

    Args:
        builds: the number of threads in ``Lane.BUILDS``.
    """
    return oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(topic=TOPIC, server=host),
        list(endpoints),
        # No `executor=`: it is deprecated in 18.3, and the default is threads.
        serializer=ContextSerializer(),
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
        server_cls=functools.partial(_Server, builds=builds),
    )


class _Server(RPCServer):  # type: ignore[misc]
    """A server that checks each message before dispatching it."""

    def __init__(
        self, transport: Any, target: Any, dispatcher: Any, executor: Any, builds: int
    ) -> None:
        super().__init__(transport, target, _Gate(dispatcher), executor)
        # oslo.messaging 18.3 uses futurist's pool.  It starts a thread for each of the
        # first 64 messages even if others are idle, which looks like a leak.
        endpoints = dispatcher.endpoints
        namespaces = {endpoint.target.namespace for endpoint in endpoints}
        lanes = [getattr(endpoint, "lanes", {}) for endpoint in endpoints]
        self._executor_cls = functools.partial(
            Threads,
            namespaces=namespaces - {None},
            lanes=collections.ChainMap(*lanes),
            builds=builds,
        )


class _Gate:
    """Lets minova's own messages pass, and logs and drops all others.

    For a foreign message, oslo.messaging 18.3 would log a traceback, and answer to a
    queue that the message itself names.  An unknown method with a ``_timeout`` would
    leave a thread that never ends.
    """

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def dispatch(self, incoming: Any) -> Any:
        reason = _find_fault(self._dispatcher.endpoints, incoming)
        if reason is None:
            return self._dispatcher.dispatch(incoming)
        # Otherwise the line would name the last request of this thread.
        RequestContext.service()
        LOG.warning("Rejected a message that is not minova's: %s", reason)
        # Nobody gets an answer: oslo.messaging now takes it for a cast.
        incoming.orig_msg_id = None
        return None


def _find_fault(endpoints: list[Any], incoming: Any) -> str | None:
    """Return why a message cannot be minova's, or None if it can be."""
    message = incoming.message
    method, args = message.get("method"), message.get("args")
    if not isinstance(method, str) or not isinstance(args, dict):
        return "it has no method or no arguments"
    takes = _takes(endpoints, message, method)
    if takes is None:
        version, namespace = message.get("version"), message.get("namespace")
        return (
            f"there is no method {short(method)} in version {short(version)}, "
            f"namespace {short(namespace)}"
        )
    if args.keys() != takes.keys():
        return f"{method} does not take {short(sorted(args))}"
    for name, check in takes.items():
        if not check(args[name]):
            return f"{method} got {name} {short(args[name])}"
    if incoming.client_timeout is not None:
        return f"{method} asks for a monitored call"
    return _find_fault_in_context(incoming.ctxt)


def _takes(
    endpoints: list[Any], message: dict[str, Any], method: str
) -> dict[str, Check] | None:
    for endpoint in endpoints:
        found: Any = getattr(endpoint, method, None)
        if (
            getattr(found, "exposed", False)
            and message.get("namespace") == endpoint.target.namespace
            and understands(endpoint.target.version, message.get("version"))
        ):
            takes: dict[str, Check] = found.takes
            return takes
    return None


def _find_fault_in_context(context: dict[str, Any]) -> str | None:
    request_id = context.get("request_id")
    if not isinstance(request_id, str) or len(request_id) > _LONGEST:
        return f"request id {short(request_id)}"
    for name in _NAMES:
        value = context.get(name)
        if not isinstance(value, str | None) or len(value or "") > _LONGEST:
            return f"{name} {short(value)}"
    roles = context.get("roles") or []
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return f"roles {short(roles)}"
    return None

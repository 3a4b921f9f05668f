# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging, set up once: exchange ``minova``, delivered or failed."""

from typing import Any, TypeVar

import kombu.exceptions
import oslo_messaging
from oslo_config import cfg
from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

EXCHANGE = "minova"
TOPIC = "compute"

_Endpoint = TypeVar("_Endpoint")


def exposed(method: _Endpoint) -> _Endpoint:
    """Mark what a message may call; nothing else of an endpoint can be reached."""
    marked: _Endpoint = oslo_messaging.expose(method)
    return marked


def target(version: str) -> Any:
    """What an endpoint says of itself in its ``target`` attribute."""
    return oslo_messaging.Target(version=version)


def create_transport(conf: cfg.ConfigOpts) -> Any:
    """Make the connection pool to RabbitMQ; it connects at first use.

    ``conf`` must be the global ``cfg.CONF``, or one that ConfFixture prepared:
    oslo.messaging 18.3 registers ``[oslo_messaging_tracing]`` nowhere else, and dies of
    NoSuchOptError at the first cast.
    """
    oslo_messaging.set_transport_defaults(control_exchange=EXCHANGE)
    return oslo_messaging.get_rpc_transport(conf)


def create_server(transport: Any, host: str, endpoint: object) -> Any:
    """Make the consumer of ``compute.<host>``; ``start()`` begins to consume."""
    return oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(topic=TOPIC, server=host),
        [endpoint],
        # Not `executor=`: deprecated in 18.3, and threads are what it chooses.
        serializer=_ContextSerializer(),
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
    )


class Client:
    """Sends messages to one compute host at a time."""

    def __init__(self, transport: Any, version: str) -> None:
        self._client = oslo_messaging.get_rpc_client(
            transport,
            oslo_messaging.Target(topic=TOPIC, version=version),
            serializer=_ContextSerializer(),
            # oslo.messaging's default is to try for ever, and the caller with it.
            retry=1,
            # Without this a message to a host with no queue is lost and no error seen.
            transport_options=oslo_messaging.TransportOptions(at_least_once=True),
        )

    def cast(
        self, context: RequestContext, host: str, method: str, **args: Any
    ) -> None:
        """Hand a message to RabbitMQ; return before anyone has read it.

        Raises:
            ComputeHostUnreachable: no broker after a retry (about 3 s), or the host
                has never started minova-compute.
        """
        message_id = uuidutils.generate_uuid(dashed=False)
        try:
            self._client.prepare(server=host).cast(
                context.to_message(message_id), method, **args
            )
        except _UNDELIVERED as error:
            LOG.warning("Could not cast %s to %s.%s: %s", method, TOPIC, host, error)
            raise exception.ComputeHostUnreachable(host) from error
        LOG.debug(
            "CAST %s exchange '%s' routing key '%s.%s' message id %s",
            method,
            EXCHANGE,
            TOPIC,
            host,
            message_id,
        )

    def call(
        self, context: RequestContext, host: str, method: str, timeout: int, **args: Any
    ) -> Any:
        """Ask a host and wait for its answer.

        Args:
            timeout: seconds to wait for it.

        Raises:
            ComputeHostUnreachable: not delivered, not answered in time, or the host
                failed to answer (its log says why).
        """
        message_id = uuidutils.generate_uuid(dashed=False)
        try:
            return self._client.prepare(server=host, timeout=timeout).call(
                context.to_message(message_id), method, **args
            )
        except (*_UNDELIVERED, oslo_messaging.RemoteError) as error:
            LOG.warning("Could not call %s on %s.%s: %s", method, TOPIC, host, error)
            raise exception.ComputeHostUnreachable(host) from error


_UNDELIVERED = (
    oslo_messaging.MessagingException,
    # These two are no MessagingException in oslo.messaging 18.3.
    oslo_messaging.MessageUndeliverable,
    kombu.exceptions.OperationalError,
)


class _ContextSerializer(oslo_messaging.NoOpSerializer):  # type: ignore[misc]
    """Contexts travel as plain dicts; clients hand over one with its message id."""

    def serialize_context(self, context: dict[str, Any]) -> dict[str, Any]:
        return context

    def deserialize_context(self, context: dict[str, Any]) -> RequestContext:
        return RequestContext.from_message(context)

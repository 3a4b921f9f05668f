# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Sends messages: each is confirmed by RabbitMQ in time, or the caller is told."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import oslo_messaging
from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception
from minova.context import RequestContext
from minova.rpc.breaker import Breaker
from minova.rpc.senders import NoThreadFree, Senders
from minova.rpc.transport import EXCHANGE, TOPIC

LOG = logging.getLogger("minova.rpc")

_LEAST_WAIT = 1.0
"""Seconds a message gets at least, also where its claim took all the time there was."""


@dataclasses.dataclass
class Reservation:
    """A thread that is kept for one message.

    Attributes:
        deadline: on the monotonic clock.
        used: the message was handed to the thread, which gives itself back.
    """

    deadline: float
    used: bool = False


class Client:
    """Sends messages to one compute host at a time."""

    def __init__(
        self,
        transport: Any,
        version: str,
        *,
        delivery_timeout: float = 3.0,
        namespace: str | None = None,
        casts: int = 12,
        calls: int = 4,
        probe_interval: float = 0.5,
    ) -> None:
        """Make a client; nothing connects, and no thread is started, before its use.

        Args:
            delivery_timeout: seconds RabbitMQ may take to confirm a message.
            casts: how many threads may wait for that at the same time.
            calls: how many threads may wait for answers.
            probe_interval: seconds between two probes of a broker that is away.
        """
        self._timeout = delivery_timeout
        self._version = version
        self._client = oslo_messaging.get_rpc_client(
            transport,
            oslo_messaging.Target(topic=TOPIC, version=version, namespace=namespace),
            serializer=ContextSerializer(),
            # oslo.messaging's default is to try forever.  One retry replaces a
            # connection that a restarted broker has forgotten.
            retry=1,
            # Without this a message to a host with no queue is lost and no error seen.
            transport_options=oslo_messaging.TransportOptions(at_least_once=True),
        )
        self._casts = Senders(casts)
        self._calls = Senders(calls)
        self._breaker = Breaker(self._probe, probe_interval)

    @property
    def is_refusing(self) -> bool:
        """Whether RabbitMQ is known to be away."""
        return self._breaker.is_open

    def close(self) -> None:
        """Send nothing more; threads end, when RabbitMQ gives back those that hang."""
        self._breaker.close()
        self._casts.close()
        self._calls.close()

    @contextmanager
    def reserve(self) -> Iterator[Reservation]:
        """Keep a thread for one message, before anything is claimed for its sake.

        Raises:
            BrokerUnavailable: at once while RabbitMQ is known to be away, in about a
                second while all threads are seen to hang.
        """
        if self._breaker.is_open:
            raise exception.BrokerUnavailable
        reservation = Reservation(time.monotonic() + self._timeout)
        try:
            self._casts.reserve(reservation.deadline)
        except NoThreadFree as error:
            raise exception.BrokerUnavailable from error
        try:
            yield reservation
        finally:
            if not reservation.used:
                self._casts.give_back()

    def cast(
        self,
        context: RequestContext,
        host: str,
        method: str,
        reservation: Reservation,
        version: str | None = None,
        **args: Any,
    ) -> None:
        """Hand a message to RabbitMQ; return before anyone has read it.

        Args:
            version: what the host must understand; the client's own where it is None.

        Raises:
            ComputeHostUnreachable: no confirm in time, so that the message may still
                come to its host, or never; or the host has never started n-cpu.
        """
        message_id = uuidutils.generate_uuid(dashed=False)
        values = context.to_message(message_id)

        def send() -> None:
            # The library's log lines name the request, on this thread too.
            context.update_store()
            client = self._client.prepare(server=host, version=version or self._version)
            client.cast(values, method, **args)

        # Before it is sent: the host may log first what comes of it.
        LOG.debug(
            "CAST %s exchange '%s' routing key '%s.%s' message id %s",
            method,
            EXCHANGE,
            TOPIC,
            host,
            message_id,
        )
        reservation.used = True
        deadline = max(reservation.deadline, time.monotonic() + _LEAST_WAIT)
        self._on_thread(self._casts, send, deadline, host, method)

    def call(
        self, context: RequestContext, host: str, method: str, timeout: int, **args: Any
    ) -> Any:
        """Ask a host and wait for its answer.

        Args:
            timeout: seconds to wait for it.

        Raises:
            BrokerUnavailable: RabbitMQ is known to be away, or too many wait already.
            ComputeHostUnreachable: not delivered, not answered in time, or the host
                failed to answer (its log says why).
        """
        if self._breaker.is_open:
            raise exception.BrokerUnavailable
        deadline = time.monotonic() + timeout
        values = context.to_message(uuidutils.generate_uuid(dashed=False))

        def ask() -> Any:
            context.update_store()
            client = self._client.prepare(server=host, timeout=timeout)
            return client.call(values, method, **args)

        try:
            self._calls.reserve(deadline)
        except NoThreadFree as error:
            raise exception.BrokerUnavailable from error
        # Half a second more: the library's own timeout says which of the two it was.
        return self._on_thread(self._calls, ask, deadline + 0.5, host, method)

    def _on_thread(
        self,
        senders: Senders,
        task: Callable[[], Any],
        deadline: float,
        host: str,
        method: str,
    ) -> Any:
        try:
            return senders.run(task, deadline)
        except _OF_THE_HOST as error:
            failure: Exception = error
        except TimeoutError as error:
            failure = error
            self._breaker.open(f"{method} was not confirmed in time")
        except Exception as error:  # noqa: BLE001, RUF100
            # oslo.messaging 18.3 lets errors of kombu, amqp and the socket through; the
            # claim has to be given back after any of them.
            failure = error
            self._breaker.open(error)
        LOG.warning("Could not send %s to %s.%s: %r", method, TOPIC, host, failure)
        raise exception.ComputeHostUnreachable from failure

    def _probe(self) -> None:
        """Publish what no queue takes: that it comes back proves all of the way."""
        try:
            self._client.prepare(topic="probe", server=None).cast({}, "probe")
        except oslo_messaging.MessageUndeliverable:
            return


_OF_THE_HOST = (
    # RabbitMQ is there and says that the host has no queue.
    oslo_messaging.MessageUndeliverable,
    oslo_messaging.MessagingTimeout,
    oslo_messaging.RemoteError,
)


class ContextSerializer(oslo_messaging.NoOpSerializer):  # type: ignore[misc]
    """Contexts travel as plain dicts; clients hand over one with its message id."""

    def serialize_context(self, context: dict[str, Any]) -> dict[str, Any]:
        return context

    def deserialize_context(self, context: dict[str, Any]) -> RequestContext:
        return RequestContext.from_message(context)

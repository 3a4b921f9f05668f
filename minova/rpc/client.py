# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Send messages: RabbitMQ confirms each in time, or the caller gets an error."""

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
"""Seconds that a message gets at least, even if its claim has used up all the time."""


@dataclasses.dataclass
class Reservation:
    """A thread that is reserved for one message.

    Attributes:
        deadline: on the monotonic clock.
        used: whether the thread has the message.  It then frees itself.
    """

    deadline: float
    used: bool = False


class Client:
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
        """Make a client.  It connects and starts threads only when it is used.

        Args:
            delivery_timeout: seconds RabbitMQ may take to confirm a message.
            casts: how many threads may wait for confirms at the same time.
            calls: how many threads may wait for answers at the same time.
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
            # Without this a message to a host with no queue is lost without an error.
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
        """Send nothing more.  A hanging thread ends when its call returns."""
        self._breaker.close()
        self._casts.close()
        self._calls.close()

    @contextmanager
    def reserve(self) -> Iterator[Reservation]:
        """Reserve a thread for one message, before anything is claimed.

        Raises:
            BrokerUnavailable: at once if RabbitMQ is known to be away.  After about a
                second if all threads hang.
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
        """Hand a message to RabbitMQ, without waiting for the host to read it.

        Args:
            version: the version that the host must understand.  None means the client's
                own.

        Raises:
            ComputeHostUnreachable: there was no confirm in time, and the message may
                or may not arrive later.  Or n-cpu has never started on the host.
        """
        message_id = uuidutils.generate_uuid(dashed=False)
        values = context.to_message(message_id)

        def send() -> None:
            # The library's log lines then name the request on this thread too.
            context.update_store()
            client = self._client.prepare(server=host, version=version or self._version)
            client.cast(values, method, **args)

        # Logged before it is sent, because the host may log its own lines at once.
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
            timeout: seconds to wait for the answer.

        Raises:
            BrokerUnavailable: RabbitMQ is known to be away, or too many calls wait.
            ComputeHostUnreachable: the call was not delivered, not answered in time, or
                failed on the host (its log says why).
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
        # Half a second more, so that the library's own timeout comes first: only the
        # library can tell a missing answer from a missing confirm.
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
            # oslo.messaging 18.3 lets errors of kombu, amqp and the socket through.
            # The claim must be given back after each of them.
            failure = error
            self._breaker.open(error)
        LOG.warning("Could not send %s to %s.%s: %r", method, TOPIC, host, failure)
        raise exception.ComputeHostUnreachable from failure

    def _probe(self) -> None:
        """Publish a message that no queue takes.  If it is returned, RabbitMQ works."""
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
    """Sends contexts as plain dicts, which already have their message id."""

    def serialize_context(self, context: dict[str, Any]) -> dict[str, Any]:
        return context

    def deserialize_context(self, context: dict[str, Any]) -> RequestContext:
        return RequestContext.from_message(context)

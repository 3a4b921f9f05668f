# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Additions to kombu 5.7: a confirm for each message, checks of messages, less polling.

oslo.messaging makes its connections from these classes (minova.rpc.transport).
"""

from typing import Any, Final

from amqp import spec
from kombu.transport import pyamqp
from oslo_messaging import MessageUndeliverable

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a message.  minova's largest is the answer with a console's output."""
LEAST_WAIT: Final = 0.25
"""Seconds.  A host that is told to stop may notice it this much later."""
_LONGEST: Final = 10
_JSON: Final = "application/json"


class Message(pyamqp.Message):
    """A received message, possibly from a stranger.

    kombu would decompress it without a limit of size.  A header can ask for that,
    and so can the encoding, if kombu does not know the content type.  Then 7 KB become
    10 GB, the process is killed, and RabbitMQ delivers the message again.
    """

    def __init__(self, msg: Any, channel: Any = None, **kwargs: Any) -> None:
        headers = msg.properties.get("application_headers") or {}
        self._compression = headers.pop("compression", None)
        super().__init__(msg, channel, **kwargs)  # type: ignore[no-untyped-call]

    @property
    def payload(self) -> Any:
        """The envelope that oslo.messaging opens, after a check.

        Raises:
            ValueError: reading the message might stop the host, or its version is so
                long that oslo.messaging's error, which shows it, would fill the log.
        """
        if len(self.body) > LARGEST:
            raise ValueError(f"{len(self.body)} bytes")
        if self._compression is not None:
            raise ValueError("compressed")
        if self.content_type != _JSON:
            raise ValueError(f"content type {self.content_type}")
        content = super().payload
        if (
            isinstance(content, dict)
            and len(str(content.get("oslo.version"))) > _LONGEST
        ):
            raise ValueError("a long version")
        return content

    def reject(self, requeue: bool = False) -> None:
        """Reject the message, unless it is acknowledged.

        oslo.messaging 18.3 first acknowledges a message, and rejects it if it cannot
        read it.  The resulting error would stop the consumer for a second.
        """
        if not self.acknowledged:
            super().reject(requeue)  # type: ignore[no-untyped-call]


class Channel(pyamqp.Channel):
    """Each message waits for its own confirm, also after a returned message.

    RabbitMQ returns a message that no queue takes, and then confirms it.  In
    oslo.messaging 18.3 the return raises an error before the confirm is read.  Before
    the next message, amqp 5.4 reads one left-over frame, if it is there already.  It
    does not check which message a confirm belongs to, so a late confirm would count for
    the next message.  That message would seem delivered too early, and would be lost if
    it was returned too.
    """

    Message = Message

    def basic_publish_confirm(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().basic_publish_confirm(*args, **kwargs)
        except MessageUndeliverable:
            self.wait([spec.Basic.Ack, spec.Basic.Nack])
            raise


class Connection(pyamqp.Connection):
    """A connection that is polled less often.

    After each message, oslo.messaging 18.3 checks every few milliseconds whether it
    must acknowledge a message of another thread.  Only notifications need that.  The
    checks took a sixth of n-cpu's CPU time for a pause (measured).
    """

    Channel = Channel

    def drain_events(self, timeout: float | None = None) -> None:
        """Wait for data and read it.  Consumers wait for at least ``LEAST_WAIT``.

        Raises:
            TimeoutError: nothing came.
        """
        if timeout is not None and self._listens():
            timeout = max(timeout, LEAST_WAIT)
        super().drain_events(timeout)

    def _listens(self) -> bool:
        # Channel 0 is the connection itself.
        channels = (each for each in self.channels.values() if each is not self)
        return any(channel and channel.callbacks for channel in channels)


class Transport(pyamqp.Transport):
    """The transport that kombu calls ``amqp``, with TLS or without."""

    Connection = Connection

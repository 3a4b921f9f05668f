# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What minova needs of AMQP beyond kombu 5.7: confirms of one's own, strangers, rest.

oslo.messaging makes its connections of these classes (minova.rpc.transport).
"""

from typing import Any, Final

from amqp import spec
from kombu.transport import pyamqp
from oslo_messaging import MessageUndeliverable

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a message; the largest of minova's is the answer with a console's output."""
LEAST_WAIT: Final = 0.25
"""Seconds; a host that is told to stop notices so much later."""
_LONGEST: Final = 10
_JSON: Final = "application/json"


class Message(pyamqp.Message):
    """A message that came, possibly from a stranger.

    kombu would decompress it before anybody can see how large that makes it, where a
    header says so or the encoding of a content that kombu does not know: 7 KB become
    10 GB, the process is killed, and RabbitMQ delivers the message to the next one.
    """

    def __init__(self, msg: Any, channel: Any = None, **kwargs: Any) -> None:
        headers = msg.properties.get("application_headers") or {}
        self._compression = headers.pop("compression", None)
        super().__init__(msg, channel, **kwargs)  # type: ignore[no-untyped-call]

    @property
    def payload(self) -> Any:
        """The envelope that oslo.messaging opens, if it is one and of a sane size.

        Raises:
            ValueError: reading it would stop the host, or its version would fill the
                log: oslo.messaging's error shows it whole.
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
        """Reject it, unless it is acknowledged.

        oslo.messaging 18.3 acknowledges first, and rejects when it cannot read what it
        acknowledged; the error about that would stop the consumer for a second.
        """
        if not self.acknowledged:
            super().reject(requeue)  # type: ignore[no-untyped-call]


class Channel(pyamqp.Channel):
    """Each message waits for its own confirm, also after one that came back.

    RabbitMQ sends a message that no queue takes back, and confirms it then.  In
    oslo.messaging 18.3 the return raises out of the wait for the confirm.  amqp 5.4
    reads one frame that is left over, if it is there already, before it sends the next
    message, and does not look whose confirm it waits for then: one that came late would
    be taken for the next message's, which would be called delivered before it is, and
    lost if it comes back as well.
    """

    Message = Message

    def basic_publish_confirm(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().basic_publish_confirm(*args, **kwargs)
        except MessageUndeliverable:
            self.wait([spec.Basic.Ack, spec.Basic.Nack])
            raise


class Connection(pyamqp.Connection):
    """A connection that is not asked again and again whether anything came.

    oslo.messaging 18.3 looks 1, 2, 4, … ms after each message whether it has to
    acknowledge another thread's, which it does for notifications only.  That took a
    sixth of the CPU that n-cpu needs for a pause (measured).
    """

    Channel = Channel

    def drain_events(self, timeout: float | None = None) -> None:
        """Read what comes, and wait for it; where something is listened for, a while.

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
    """What kombu calls ``amqp``, with TLS or without."""

    Connection = Connection

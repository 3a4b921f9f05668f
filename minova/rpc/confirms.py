# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Each message waits for its own confirm, also after one that came back."""

from typing import Any

from amqp import spec
from kombu.transport import pyamqp
from oslo_messaging import MessageUndeliverable


class Channel(pyamqp.Channel):
    """One confirm for one message.

    RabbitMQ sends a message that no queue takes back, and confirms it then.  In
    oslo.messaging 18.3 the return raises out of the wait for the confirm, and amqp 5.4
    does not look whose confirm it reads: the next message on this channel would take
    the one left over for its own, be called delivered before it is, and lost if it is
    returned as well.
    """

    def basic_publish_confirm(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().basic_publish_confirm(*args, **kwargs)
        except MessageUndeliverable:
            self.wait([spec.Basic.Ack, spec.Basic.Nack])
            raise


class Connection(pyamqp.Connection):
    Channel = Channel


class Transport(pyamqp.Transport):
    """What kombu calls ``amqp``, with TLS or without."""

    Connection = Connection

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Check that this host receives messages: it sends one to itself."""

import threading
import time
from typing import Any

from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception, rpc
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

_NAMESPACE = "hearing"
_VERSION = "1.0"


class Hearing:
    """A round trip through ``compute.<host>``: RabbitMQ, consumer and a thread.

    The thread performs no actions.  The threads that do can all be busy, for example
    while many servers wait for a large image.  A busy host is not deaf.

    Attributes:
        deaf_for: seconds since messages stopped arriving, although RabbitMQ accepted
            them or had no queue for them.  0 if the last message arrived, or RabbitMQ
            is away.
    """

    target = rpc.target(_VERSION, _NAMESPACE)

    def __init__(self, transport: Any, host: str, delivery_timeout: float) -> None:
        self._host = host
        self._timeout = delivery_timeout
        self._client = rpc.Client(
            transport,
            _VERSION,
            delivery_timeout=delivery_timeout,
            namespace=_NAMESPACE,
            casts=1,
            calls=0,
        )
        self._awaited = ""
        self._heard = threading.Event()
        self._deaf_since: float | None = None

    @rpc.exposed_with(token=uuidutils.is_uuid_like)
    def hear(self, context: RequestContext, token: str) -> None:
        """Receive the message.  A message of an earlier check does not count."""
        if token == self._awaited:
            self._heard.set()

    @property
    def deaf_for(self) -> float:
        return 0.0 if self._deaf_since is None else time.monotonic() - self._deaf_since

    def close(self) -> None:
        """End the sending thread."""
        self._client.close()

    def check(self, context: RequestContext) -> bool:
        """Return whether a message arrives within twice ``delivery_timeout``."""
        self._awaited = uuidutils.generate_uuid()
        self._heard.clear()
        if not self._send(context):
            return False
        if not self._heard.wait(self._timeout):
            self._note_deaf("RabbitMQ accepted it, but it has not arrived")
            return False
        self._deaf_since = None
        return True

    def _send(self, context: RequestContext) -> bool:
        try:
            with self._client.reserve() as reservation:
                self._client.cast(
                    context, self._host, "hear", reservation, token=self._awaited
                )
        except exception.BrokerUnavailable:
            self._deaf_since = None
        except exception.ComputeHostUnreachable as error:
            if self._client.is_refusing:
                self._deaf_since = None
            else:
                self._note_deaf(str(error))
        else:
            return True
        return False

    def _note_deaf(self, reason: str) -> None:
        if self._deaf_since is None:
            self._deaf_since = time.monotonic()
        LOG.warning(
            "This host has not received the message that it sent to itself: %s", reason
        )

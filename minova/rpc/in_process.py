# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``in-process://``: messages within a process, in place of RabbitMQ.

oslo.messaging finds the driver by its entry point (``oslo.messaging.drivers``).  The
base class of drivers is private, so this driver only has its methods and inherits
nothing (docs/adr/0032).  As with RabbitMQ, messages are JSON, a host that never started
has no queue, and a queue outlives the host that reads it.
"""

import collections
import enum
import json
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

import oslo_messaging
from oslo_config import cfg
from oslo_utils import uuidutils

Name = tuple[str, str]


class Refusal(enum.Enum):
    """Why a message is not delivered."""

    AWAY = enum.auto()
    """As if RabbitMQ were away."""
    RETURNED = enum.auto()
    """As if RabbitMQ had no queue for it."""


Gate = Callable[[Any, dict[str, Any], dict[str, Any]], Refusal | None]
"""Called before each message is sent, with its target, context and content."""

gates: Final[dict[str, Gate]] = {}
"""The gate of each transport, by the path of its URL (``in-process:///name``)."""


class Driver:
    """The queues of one transport.  Transports share nothing."""

    def __init__(
        self, conf: cfg.ConfigOpts, url: Any, *_: object, **_options: object
    ) -> None:
        self.conf = conf
        self._queues: dict[Name, _Queue] = {}
        self._gate = gates.get(url.virtual_host or "")

    def require_features(self, requeue: bool = False) -> None:
        """Do nothing: minova requires no feature."""

    def send(
        self,
        target: Any,
        context: dict[str, Any],
        message: dict[str, Any],
        wait_for_reply: bool | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Any:
        """Put a message into the queue of ``target``, and wait for the answer if asked.

        Raises:
            MessageUndeliverable: there is no such queue, or the gate says RETURNED.
            MessagingTimeout: no answer within ``timeout`` seconds.
            RemoteError: the host failed to answer.
            MessageDeliveryFailure: the gate says AWAY.
        """
        refusal = self._gate and self._gate(target, context, message)
        if refusal is Refusal.AWAY:
            raise oslo_messaging.MessageDeliveryFailure("The broker is away")
        queue = self._queues.get((target.topic, target.server))
        if queue is None or refusal is Refusal.RETURNED:
            routing_key = f"{target.topic}.{target.server}"
            raise oslo_messaging.MessageUndeliverable(
                "NO_ROUTE", target.exchange, routing_key, message
            )
        answer: Future[Any] | None = Future() if wait_for_reply else None
        queue.put(Incoming(_as_sent(context), _as_sent(message), answer))
        if answer is None:
            return None
        try:
            return answer.result(timeout)
        except TimeoutError:
            raise oslo_messaging.MessagingTimeout(
                f"No answer from {target.topic}.{target.server}"
            ) from None

    def listen(self, target: Any, _batch_size: int, _timeout: float | None) -> Any:
        """Return a listener for the queue of ``target``, which is made if it is new."""
        name = target.topic, target.server
        return Listener(self._queues.setdefault(name, _Queue()))

    def cleanup(self) -> None:
        self._queues.clear()


class Incoming:
    """A message as its host gets it.

    Attributes:
        reply_q: takes the answer.  None if nobody waits for one.
        orig_msg_id: the server sets it to None to send no answer anyway.
    """

    client_timeout = None

    def __init__(
        self, context: Any, message: dict[str, Any], answer: Future[Any] | None
    ) -> None:
        self.ctxt = context
        self.message = message
        self.msg_id: str = uuidutils.generate_uuid(dashed=False)
        self.orig_msg_id: str | None = self.msg_id
        self.reply_q = answer

    def acknowledge(self) -> None:
        """Do nothing: reading a message has removed it already."""

    def heartbeat(self) -> None:
        """Do nothing: no caller asks for heartbeats."""

    def reply(self, reply: Any = None, failure: Any = None) -> None:
        """Answer with a result, or with the ``sys.exc_info()`` of an error."""
        if self.reply_q is None or self.orig_msg_id is None:
            return
        if failure is None:
            self.reply_q.set_result(_as_sent(reply))
            return
        kind, error, _ = failure
        self.reply_q.set_exception(
            oslo_messaging.RemoteError(
                kind.__name__, str(error), traceback.format_exception(error)
            )
        )


class Listener:
    """Gives the messages of a queue to a server, on its own thread."""

    def __init__(self, queue: "_Queue") -> None:
        self._queue = queue
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_incoming: Callable[[list[Incoming]], object]) -> None:
        self._thread = threading.Thread(
            target=self._listen, args=(on_incoming,), name="listener", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Take no more messages.  They wait for the next listener."""
        self._stopping.set()
        self._queue.wake()
        if self._thread is not None:
            self._thread.join()

    def cleanup(self) -> None:
        """Do nothing: the queue stays."""

    def _listen(self, on_incoming: Callable[[list[Incoming]], object]) -> None:
        while (message := self._queue.get(self._stopping)) is not None:
            on_incoming([message])


class _Queue:
    def __init__(self) -> None:
        self._messages: collections.deque[Incoming] = collections.deque()
        self._changed = threading.Condition()

    def put(self, message: Incoming) -> None:
        with self._changed:
            self._messages.append(message)
            self._changed.notify()

    def get(self, stopping: threading.Event) -> Incoming | None:
        """Wait for a message, or return None if the reader is stopping."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or stopping.is_set())
            return None if stopping.is_set() else self._messages.popleft()

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _as_sent(value: Any) -> Any:
    """Copy a value as RabbitMQ would.  Raise TypeError if it is not JSON."""
    return json.loads(json.dumps(value))

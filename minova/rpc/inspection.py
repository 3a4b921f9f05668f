# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ as operators see it: which nodes answer, and what waits in the queues."""

import contextlib
import ssl
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

import amqp
import oslo_messaging
from oslo_config import cfg

from minova.rpc.transport import TOPIC, set_defaults

_PORT: Final = 5672


class Node(NamedTuple):
    """A node of ``transport_url``, with its login."""

    hostname: str
    port: int
    username: str
    password: str
    vhost: str

    @property
    def address(self) -> str:
        return f"{self.hostname}:{self.port}"


class Waiting(NamedTuple):
    """The number of messages in a queue, and of its readers."""

    messages: int
    consumers: int


class Refused(Exception):
    """A node answers but refuses the request.  The message is the node's."""


def queue_of(host: str) -> str:
    """Return the name of the queue that n-cpu reads on a host."""
    return f"{TOPIC}.{host}"


def nodes(conf: cfg.ConfigOpts) -> list[Node]:
    """List the nodes of ``transport_url``: none if messages stay within a process.

    Raises:
        cfg.Error: the URL cannot be used.  It is not shown, because of its password.
    """
    set_defaults(conf)
    try:
        url = oslo_messaging.TransportURL.parse(conf)
    except (oslo_messaging.InvalidTransportURL, ValueError) as error:
        raise cfg.Error(
            f"[DEFAULT] transport_url cannot be used ({type(error).__name__})"
        ) from None
    if url.transport != "rabbit":
        return []
    return [
        Node(
            host.hostname or "localhost",
            host.port or _PORT,
            host.username or "guest",
            host.password or "guest",
            url.virtual_host or "/",
        )
        for host in url.hosts
    ]


@contextlib.contextmanager
def connected(
    conf: cfg.ConfigOpts, node: Node, timeout: float
) -> Iterator[amqp.Connection]:
    """Log in at a node.

    Raises:
        TimeoutError: the node accepts the connection but does not answer.
        OSError: the node does not accept the connection.
        Refused: the node refuses the login, or a later request.
    """
    connection = amqp.Connection(
        node.address,
        userid=node.username,
        password=node.password,
        virtual_host=node.vhost,
        ssl=_tls(conf, node),
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
    )
    try:
        connection.connect()
        yield connection
    except amqp.AMQPError as error:
        raise Refused(str(getattr(error, "reply_text", "") or error)) from error
    finally:
        with contextlib.suppress(OSError, amqp.AMQPError):
            connection.close()


def waiting(
    connection: amqp.Connection, hosts: Collection[str]
) -> dict[str, Waiting | None]:
    """Return what each host's queue holds now, or None if there is no such queue."""
    return {host: _look(connection, queue_of(host)) for host in hosts}


def delete_idle(connection: amqp.Connection, queue: str) -> bool:
    """Delete a queue, or return False if it holds messages or has readers.

    Quorum queues do not support ``if_empty`` (RabbitMQ 3.10), so this checks first.
    """
    found = _look(connection, queue)
    if found is not None and (found.messages or found.consumers):
        return False
    connection.channel().queue_delete(queue)
    return True


def _look(connection: amqp.Connection, queue: str) -> Waiting | None:
    # A new channel each time: RabbitMQ closes a channel that asks for a missing queue.
    channel = connection.channel()
    try:
        told = channel.queue_declare(queue, passive=True)
    except amqp.NotFound:
        return None
    channel.close()
    return Waiting(told.message_count, told.consumer_count)


def _tls(conf: cfg.ConfigOpts, node: Node) -> dict[str, Any] | bool:
    options = conf.oslo_messaging_rabbit
    if not options.ssl:
        return False
    wanted = {
        "ca_certs": options.ssl_ca_file or None,
        "certfile": options.ssl_cert_file or None,
        "keyfile": options.ssl_key_file or None,
        "server_hostname": node.hostname,
    }
    checks = ssl.CERT_REQUIRED if options.ssl_ca_file else ssl.CERT_NONE
    return {**{key: wanted[key] for key in wanted if wanted[key]}, "cert_reqs": checks}

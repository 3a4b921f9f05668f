# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ as an operator sees it: who answers, and what waits in which queue."""

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
    """A node that ``transport_url`` names, and who logs in there."""

    hostname: str
    port: int
    username: str
    password: str
    vhost: str

    @property
    def address(self) -> str:
        return f"{self.hostname}:{self.port}"


class Waiting(NamedTuple):
    """What a queue holds, and how many read it."""

    messages: int
    consumers: int


class Refused(Exception):
    """A node answers, and refuses what it was asked for; with its own words."""


def queue_of(host: str) -> str:
    """The queue that an n-cpu reads."""
    return f"{TOPIC}.{host}"


def nodes(conf: cfg.ConfigOpts) -> list[Node]:
    """All nodes of ``transport_url``; none where messages stay within a process.

    Raises:
        cfg.Error: it cannot be used.  It is not shown, for its password.
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
        TimeoutError: it takes the connection and says nothing.
        OSError: it takes none.
        Refused: it does not let this user in.
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
    """What each host's queue holds now; None where there is no such queue."""
    return {host: _look(connection, queue_of(host)) for host in hosts}


def delete_idle(connection: amqp.Connection, queue: str) -> bool:
    """Delete a queue that holds nothing and that nobody reads; whether it was one.

    Quorum queues know no ``if_empty`` (RabbitMQ 3.10), so it is looked at before.
    """
    found = _look(connection, queue)
    if found is not None and (found.messages or found.consumers):
        return False
    connection.channel().queue_delete(queue)
    return True


def _look(connection: amqp.Connection, queue: str) -> Waiting | None:
    # A channel for each: RabbitMQ closes one that asked for a queue in vain.
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

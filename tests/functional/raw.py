# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ as a client other than minova uses it."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib import parse

import amqp

from tests.cluster import Cluster


@contextlib.contextmanager
def channel(cluster: Cluster) -> Iterator[Any]:
    """Open a channel to the cluster's virtual host."""
    url = parse.urlsplit(cluster.transport_url)
    with amqp.Connection(
        f"127.0.0.1:{url.port}",
        userid=url.username,
        password=url.password,
        virtual_host=cluster.vhost,
    ) as connection:
        yield connection.channel()


def publish(
    cluster: Cluster,
    body: bytes,
    host: str = "host-1",
    content_type: str = "application/json",
    **properties: Any,
) -> None:
    """Put any bytes on a host's queue."""
    properties = {
        "content_type": content_type,
        "content_encoding": "utf-8",
    } | properties
    with channel(cluster) as on:
        on.basic_publish(
            amqp.Message(body, **properties),
            exchange="minova",
            routing_key=f"compute.{host}",
        )


def put_on(cluster: Cluster, queue: str, body: bytes, **properties: Any) -> None:
    """Put any bytes on a queue by its name."""
    with channel(cluster) as on:
        on.basic_publish(amqp.Message(body, **properties), routing_key=queue)


def message(method: object, args: object, **more: object) -> bytes:
    """Return minova's message with some parts replaced. A part of None is left out."""
    parts = {
        "method": method,
        "args": args,
        "version": "1.0",
        "_unique_id": uuid.uuid4().hex,
        "_context_request_id": f"req-{uuid.uuid4()}",
        "_context_user_id": "mallory",
        "_context_project_id": "mallory",
    } | more
    inner = {key: part for key, part in parts.items() if part is not None}
    return json.dumps(
        {"oslo.version": "2.0", "oslo.message": json.dumps(inner)}
    ).encode()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The connections to RabbitMQ, and what minova wants of them unless it is told."""

from typing import Any, Final

import kombu.transport
import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

from minova.rpc import lines

EXCHANGE = "minova"
TOPIC = "compute"

DEFAULTS: Final[dict[str, Any]] = {
    # What was accepted outlives the broker's restart, and one node of three.
    "rabbit_quorum_queue": True,
    # Seconds.  oslo.messaging's 60 let a thread hang for 82 s on a frozen broker; it is
    # the timeout of the sockets as well.
    "heartbeat_timeout_threshold": 10,
    # Seconds slept before each attempt to connect again.
    "kombu_reconnect_delay": 0.1,
    "rabbit_retry_backoff": 1,
    # Seconds between two attempts, at most: n-cpu hears again soon after a long outage.
    "rabbit_interval_max": 2,
    # Seconds a thread of the host may spend on an answer that nobody waits for.
    "kombu_missing_consumer_retry_timeout": 5,
}
"""``[oslo_messaging_rabbit]``, where minova differs from oslo.messaging 18.3."""

_FOR_GLOBAL_ONLY: Final = (
    ("oslo_messaging_metrics", "metrics_enabled"),
    ("oslo_messaging_tracing", "tracing_enabled"),
)
"""What oslo.messaging 18.3 asks any options with each message, but registers, with all
that it needs then, for the global ``CONF`` alone."""


def create_transport(conf: cfg.ConfigOpts) -> Any:
    """Make the connection pool to RabbitMQ; it connects at first use, after any fork.

    Raises:
        cfg.Error: ``transport_url`` cannot be used; it is not shown (its password).
            Or messages shall be compressed, counted or traced.
    """
    set_defaults(conf)
    lines.say_in_a_line()
    # kombu's own table of what stands for which name; oslo.messaging offers no choice.
    kombu.transport.TRANSPORT_ALIASES["amqp"] = "minova.rpc.confirms:Transport"
    try:
        transport = oslo_messaging.get_rpc_transport(conf)
    except (
        oslo_messaging.InvalidTransportURL,
        oslo_messaging.DriverLoadFailure,
        ValueError,
    ) as error:
        raise cfg.Error(
            f"[DEFAULT] transport_url cannot be used ({type(error).__name__})"
        ) from None
    for group, option in (
        # Of the file, or of the URL.  No message is decompressed (minova.rpc.confirms).
        ("oslo_messaging_rabbit", "kombu_compression"),
        *_FOR_GLOBAL_ONLY,
    ):
        if transport.conf[group][option]:
            raise cfg.Error(f"[{group}] {option} cannot be used (not supported)")
    return transport


def set_defaults(conf: cfg.ConfigOpts) -> None:
    """Choose the defaults above; what the file or ``transport_url`` says still wins."""
    group = "oslo_messaging_rabbit"
    listed = dict(opts.list_opts())
    # The driver would register them when it is made, and read them at once.
    conf.register_opts(listed[None])
    conf.set_default("control_exchange", EXCHANGE)
    conf.register_opts(listed[group], group=group)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value, group=group)
    for group, name in _FOR_GLOBAL_ONLY:
        conf.register_opt(cfg.BoolOpt(name, default=False), group=group)

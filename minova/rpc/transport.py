# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The connections to RabbitMQ, and minova's defaults for them."""

from typing import Any, Final

import kombu.transport
import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

from minova.rpc import lines

EXCHANGE = "minova"
TOPIC = "compute"

DEFAULTS: Final[dict[str, Any]] = {
    # Messages survive a restart of the broker, and the loss of one node of three.
    "rabbit_quorum_queue": True,
    # Seconds.  This is the timeout of the sockets as well.  With oslo.messaging's 60 a
    # thread hangs for 82 s if the broker is frozen.
    "heartbeat_timeout_threshold": 10,
    # Seconds to sleep before each attempt to connect again.
    "kombu_reconnect_delay": 0.1,
    "rabbit_retry_backoff": 1,
    # Seconds between two attempts at most: n-cpu soon receives again after an outage.
    "rabbit_interval_max": 2,
    # Seconds a thread of the host may spend on an answer that nobody waits for.
    "kombu_missing_consumer_retry_timeout": 5,
}
"""``[oslo_messaging_rabbit]``, where minova differs from oslo.messaging 18.3."""

_FOR_GLOBAL_ONLY: Final = (
    ("oslo_messaging_metrics", "metrics_enabled"),
    ("oslo_messaging_tracing", "tracing_enabled"),
)
"""Options that oslo.messaging 18.3 reads at each message, but registers only in the
global ``CONF``."""


def create_transport(conf: cfg.ConfigOpts) -> Any:
    """Make the connection pool to RabbitMQ.  It connects at first use, after any fork.

    Raises:
        cfg.Error: ``transport_url`` cannot be used.  The error does not show the URL,
            because of its password.  Or an option asks to compress, count or trace
            messages.
    """
    set_defaults(conf)
    lines.say_in_a_line()
    # kombu's own table of transports by name.  oslo.messaging has no option for it.
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
        # Set in the file or the URL.  Nobody decompresses (minova.rpc.confirms).
        ("oslo_messaging_rabbit", "kombu_compression"),
        *_FOR_GLOBAL_ONLY,
    ):
        if transport.conf[group][option]:
            raise cfg.Error(f"[{group}] {option} cannot be used (not supported)")
    return transport


def set_defaults(conf: cfg.ConfigOpts) -> None:
    """Set the defaults above.  The file and ``transport_url`` still override them."""
    group = "oslo_messaging_rabbit"
    listed = dict(opts.list_opts())
    # The driver would register them only when it is made, and read them at once.
    conf.register_opts(listed[None])
    conf.set_default("control_exchange", EXCHANGE)
    conf.register_opts(listed[group], group=group)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value, group=group)
    for group, name in _FOR_GLOBAL_ONLY:
        conf.register_opt(cfg.BoolOpt(name, default=False), group=group)

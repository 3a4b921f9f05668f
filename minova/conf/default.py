# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[DEFAULT]."""

import socket

from oslo_config import cfg
from oslo_utils import netutils

OPTIONS = [
    cfg.StrOpt(
        "host",
        default=socket.gethostname(),
        sample_default="<your_hostname>",
        help="""
The name of this host. n-api says it in the records of what it did itself.

Of a compute host it is the tail of the queue ``compute.<host>``, what ``os-services``
shows, and what the rows of its servers say. Do not change it while the host has
servers: they would belong to nobody.
""",
    ),
    cfg.HostAddressOpt(
        "my_ip",
        default=netutils.get_my_ipv4(),
        sample_default="<host_ipv4>",
        help="""
The address of this compute host, as ``os-hypervisors`` shows it.

Nothing connects to it: n-api reaches a host through its queue.
""",
    ),
    cfg.StrOpt(
        "deployment_id",
        default="minova",
        help="""
Which guests of this hypervisor are minova's.

It is written into the metadata of each libvirt domain; domains without it are never
changed, counted or removed. Two deployments that share a libvirt need two ids.
""",
    ),
    cfg.StrOpt(
        "state_path",
        default="/var/lib/minova",
        help="""
The folder of everything minova keeps: ``images`` and ``instances`` lie in it.
""",
    ),
    cfg.BoolOpt(
        "force_config_drive",
        default=False,
        help="""
Give every server that is built a config drive, whether its user asked for one or not.

There is no metadata service: a config drive is the only way in which a guest learns of
its keys and its ``user_data``.
""",
    ),
    cfg.IntOpt(
        "report_interval",
        mutable=True,
        default=10,
        min=1,
        help="""
Seconds between two heartbeats of n-cpu.

Related: ``service_down_time``, which should be several times as long.
""",
    ),
    cfg.IntOpt(
        "graceful_shutdown_timeout",
        default=60,
        min=1,
        help="""
Seconds that n-cpu, told to stop, may take to end the actions it has in hand. It takes
no new message meanwhile; what is not done by then is settled at its next start.
""",
    ),
    cfg.IntOpt(
        "shutdown_timeout",
        mutable=True,
        default=60,
        min=0,
        help="""
Seconds that a guest may take to power itself off when its server is stopped or rescued.

Then its power is cut; 0 cuts it at once. The image property ``os_shutdown_timeout``
says otherwise for one server.

Related: ``[compute] shutdown_retry_interval``.
""",
    ),
    cfg.IntOpt(
        "service_down_time",
        default=60,
        min=1,
        help="""
Seconds without a heartbeat after which a host is down: ``os-services`` says so and the
scheduler passes it over.
""",
    ),
    cfg.FloatOpt(
        "rpc_delivery_timeout",
        default=3.0,
        min=0.1,
        max=20.0,
        help="""
Seconds that RabbitMQ may take to confirm a message.

After them n-api gives back what it claimed for the message, answers 503, and refuses at
once what comes next, until a probe (two a second) is confirmed. Whatever RabbitMQ does,
no request waits for it longer than about a second more than this.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTIONS)


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    return [("DEFAULT", OPTIONS)]

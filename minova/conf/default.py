# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[DEFAULT]."""

import socket

from oslo_config import cfg
from oslo_utils import netutils

GROUP = "DEFAULT"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "host",
        default=socket.gethostname(),
        sample_default="<your_hostname>",
        help="""
The name of this host. n-api writes it into the records of what it did itself.

On a compute host it is the end of the queue's name (``compute.<host>``), the name
in ``os-services``, and the host of its servers. Do not change it while the host has
servers: they would no longer belong to any host.
""",
    ),
    cfg.HostAddressOpt(
        "my_ip",
        default=netutils.get_my_ipv4(),
        sample_default="<host_ipv4>",
        help="""
The address of this compute host that ``os-hypervisors`` shows.

Nothing connects to it, because n-api reaches a host through its queue.
""",
    ),
    cfg.StrOpt(
        "deployment_id",
        default="minova",
        help="""
The id that marks the guests of this deployment.

It is written into the metadata of each libvirt domain. Domains without it are never
changed, counted or removed. Two deployments that share a libvirt need different
ids.
""",
    ),
    cfg.StrOpt(
        "state_path",
        default="/var/lib/minova",
        help="""
The folder for all files of minova, with the folders ``images`` and ``instances``.
""",
    ),
    cfg.BoolOpt(
        "force_config_drive",
        default=False,
        help="""
Give every new server a config drive, even if its user did not ask for one.

There is no metadata service. A guest can read its keys and its ``user_data`` only
from a config drive.
""",
    ),
    cfg.BoolOpt(
        "allow_resize_to_same_host",
        default=False,
        help="""
Resize servers on the host that they are on. It is read by n-api.

There is no other way to resize a server: without it a resize is accepted and then
fails with ``No valid host was found``, as in a Nova with one host.
""",
    ),
    cfg.IntOpt(
        "resize_confirm_window",
        mutable=True,
        default=0,
        min=0,
        help="""
Seconds after which n-cpu confirms a resize that nobody has confirmed or reverted. 0
turns this off.

It looks every ``[compute] settle_interval`` seconds.
""",
    ),
    cfg.IntOpt(
        "max_concurrent_builds",
        default=10,
        min=0,
        help="""
How many servers a host builds or rebuilds at a time; the others wait. 0 means no
limit.
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
Seconds that n-cpu may take to finish the actions in progress when it is told to
stop.

It accepts no new message meanwhile. Unfinished actions are settled at its next
start.
""",
    ),
    cfg.IntOpt(
        "shutdown_timeout",
        mutable=True,
        default=60,
        min=0,
        help="""
Seconds that a guest may take to power itself off when its server is stopped or
rescued.

After that its power is cut. 0 cuts it at once. The image property
``os_shutdown_timeout`` overrides this for servers of one image.

Related: ``[compute] shutdown_retry_interval``.
""",
    ),
    cfg.IntOpt(
        "reclaim_instance_interval",
        default=0,
        help="""
Seconds that a deleted server can be restored.

Until then it is ``SOFT_DELETED``: its guest is off, and its disk stays. Whoever may
delete it may ``restore`` it, or ``forceDelete`` it at once. n-cpu deletes it within
a minute after its time is over. With 0 or less, a server is deleted at once.

n-api and n-cpu both read it: give all of them the same.
""",
    ),
    cfg.IntOpt(
        "service_down_time",
        default=60,
        min=1,
        help="""
Seconds without a heartbeat after which a host counts as down. ``os-services`` shows
it as down, and no server is scheduled to it.
""",
    ),
    cfg.FloatOpt(
        "rpc_delivery_timeout",
        default=3.0,
        min=0.1,
        max=20.0,
        help="""
Seconds that RabbitMQ may take to confirm a message.

After that n-api gives the claim back and answers 503. It refuses further requests
at once, until a probe (sent twice a second) is confirmed. Whatever RabbitMQ does,
no request waits for it much more than a second longer than this.
""",
    ),
]

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
The name of this host. n-api writes it into the records of its own work.

On a compute host the name is part of the queue's name (``compute.<host>``). It is
also the host in ``os-services``, and the host of the servers. Do not change it
while the host has servers: they would no longer belong to any host.
""",
    ),
    cfg.HostAddressOpt(
        "my_ip",
        default=netutils.get_my_ipv4(),
        sample_default="<host_ipv4>",
        help="""
The address of this compute host in ``os-hypervisors``.

It is only shown. n-api reaches a host through its queue.
""",
    ),
    cfg.StrOpt(
        "deployment_id",
        default="minova",
        help="""
The id that marks the guests of this deployment.

n-cpu writes the id into the metadata of each of its libvirt domains. It never
changes, counts or removes a domain without this id. Two deployments that share a
libvirt need different ids.
""",
    ),
    cfg.StrOpt(
        "state_path",
        default="/var/lib/minova",
        help="""
The folder for all files of minova. It contains ``images`` and ``instances``.
""",
    ),
    cfg.BoolOpt(
        "force_config_drive",
        default=False,
        help="""
Give every new server a config drive, even if the request did not ask for one.

There is no metadata service. A guest can read its keys and its ``user_data`` only
from a config drive.
""",
    ),
    cfg.BoolOpt(
        "allow_resize_to_same_host",
        default=False,
        help="""
Let a server be resized on its own host. n-api reads this option.

minova has no other way to resize a server. Without this option a resize is accepted
and then fails with ``No valid host was found``, as in a Nova with one host.
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

n-cpu looks for such resizes every ``[compute] settle_interval`` seconds.
""",
    ),
    cfg.IntOpt(
        "max_concurrent_builds",
        default=10,
        min=0,
        help="""
How many servers a host builds or rebuilds at the same time. The others wait. 0 means
no limit.
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

During this time it accepts no new messages. At its next start it settles the
unfinished actions.
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

After that n-cpu cuts the guest's power. With 0 it does so at once. The image
property ``os_shutdown_timeout`` overrides this for the servers of an image.

Related: ``[compute] shutdown_retry_interval``.
""",
    ),
    cfg.IntOpt(
        "reclaim_instance_interval",
        default=0,
        help="""
Seconds during which a deleted server can be restored.

During this time the server is ``SOFT_DELETED``: its guest is off, and its disk is
kept. A caller who may delete the server may also ``restore`` it, or
``forceDelete`` it at once. n-cpu deletes the server within a minute after the time is
over. With 0 or less, every server is deleted at once.

n-api and n-cpu both read this option. Set the same value for all of them.
""",
    ),
    cfg.IntOpt(
        "service_down_time",
        default=60,
        min=1,
        help="""
A host is down after this many seconds without a heartbeat. ``os-services`` then
shows it as down, and no server is scheduled to it.
""",
    ),
    cfg.FloatOpt(
        "rpc_delivery_timeout",
        default=3.0,
        min=0.1,
        max=20.0,
        help="""
Seconds that RabbitMQ may take to confirm a message.

After that n-api gives the claim back and answers 503. It then sends RabbitMQ a probe
twice a second, and refuses further requests at once until a probe is confirmed. No
request waits for RabbitMQ more than about a second longer than this.
""",
    ),
]

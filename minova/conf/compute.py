# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[compute]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("compute", title="The compute daemon, n-cpu")

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "driver",
        default="libvirt",
        choices=[
            ("libvirt", "guests run by the libvirt at ``[libvirt] connection_uri``"),
            ("fake", "no real guests: the hypervisor is a dictionary in memory"),
        ],
        help="""
The hypervisor of this host.
""",
    ),
    cfg.FloatOpt(
        "cpu_allocation_ratio",
        mutable=True,
        default=4.0,
        min=0.1,
        help="""
The number of virtual CPUs that servers may have for each CPU of the host.
""",
    ),
    cfg.FloatOpt(
        "ram_allocation_ratio",
        mutable=True,
        default=1.0,
        min=0.1,
        help="""
The MiB of memory that servers may have for each unreserved MiB of the host.

Related: ``reserved_host_memory_mb``.
""",
    ),
    cfg.IntOpt(
        "reserved_host_memory_mb",
        mutable=True,
        default=512,
        min=0,
        help="""
MiB of memory that are reserved for the host itself.
""",
    ),
    cfg.IntOpt(
        "sync_power_state_interval",
        mutable=True,
        default=600,
        min=0,
        help="""
Seconds between two comparisons of all servers with the hypervisor. 0 turns them
off.

Lifecycle events report each change at once. The comparison finds missed changes.
""",
    ),
    cfg.IntOpt(
        "settle_interval",
        mutable=True,
        default=5,
        min=1,
        help="""
Seconds between two searches for unfinished actions that no process performs any
more, and for guests that may have changed unnoticed.

After an outage, every accepted action is completed or recorded as failed. Once all
services are back, this takes at most ``settle_interval`` plus ``settle_grace`` plus
the time of the action itself. With the defaults, that is less than 30 seconds.

Related: ``settle_grace``.
""",
    ),
    cfg.IntOpt(
        "settle_grace",
        mutable=True,
        default=15,
        min=1,
        help="""
Seconds that this host waits for the message of an accepted action. After that it
performs the action without the message. If the process of an action has died, the
host does not wait.

This must be long enough for a message to pass through the queue. A message that
arrives later is dropped.
""",
    ),
    cfg.IntOpt(
        "shutdown_retry_interval",
        mutable=True,
        default=10,
        min=1,
        help="""
Seconds after which n-cpu again asks a guest to power itself off.

Related: ``shutdown_timeout``.
""",
    ),
    cfg.IntOpt(
        "hearing_timeout",
        default=20,
        min=1,
        help="""
n-cpu exits if it receives no message from itself for this many seconds. Its
supervisor then restarts it.

Before each heartbeat n-cpu sends itself a message through its own queue. It sends no
heartbeat until the message arrives. Time during which RabbitMQ does not accept the
message does not count, because a new process could not receive it either.

Related: ``report_interval``.
""",
    ),
]

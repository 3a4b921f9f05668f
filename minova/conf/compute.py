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
            ("libvirt", "guests of the libvirt at ``[libvirt] connection_uri``"),
            ("fake", "no guests at all: the hypervisor is a dictionary"),
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
How many virtual CPUs servers may have for each CPU of the host.
""",
    ),
    cfg.FloatOpt(
        "ram_allocation_ratio",
        mutable=True,
        default=1.0,
        min=0.1,
        help="""
How many MiB servers may have for each MiB of the host that is not reserved.

Related: ``reserved_host_memory_mb``.
""",
    ),
    cfg.IntOpt(
        "reserved_host_memory_mb",
        mutable=True,
        default=512,
        min=0,
        help="""
MiB of the host's memory that are kept for the host itself.
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

Lifecycle events report single changes at once. The comparison finds the missed
ones.
""",
    ),
    cfg.IntOpt(
        "settle_interval",
        mutable=True,
        default=5,
        min=1,
        help="""
Seconds between two searches for actions that no process is performing any more, and
for guests that may have changed unnoticed.

Once the services are back, an accepted action is completed, or recorded as failed.
This takes at most ``settle_interval`` and ``settle_grace`` together, and the time
of the action itself: less than 30 seconds with the defaults.

Related: ``settle_grace``.
""",
    ),
    cfg.IntOpt(
        "settle_grace",
        mutable=True,
        default=15,
        min=1,
        help="""
Seconds that an accepted action may wait for its message before this host performs
it without one. An action whose process died does not wait.

This must be long enough for a message to pass the queue. A later one is dropped.
""",
    ),
    cfg.IntOpt(
        "shutdown_retry_interval",
        mutable=True,
        default=10,
        min=1,
        help="""
Seconds after which a guest that was asked to power itself off is asked again.

Related: ``shutdown_timeout``.
""",
    ),
    cfg.IntOpt(
        "hearing_timeout",
        default=20,
        min=1,
        help="""
Seconds without a message from itself after which n-cpu exits. Its supervisor then
restarts it.

Before each heartbeat n-cpu sends itself a message through its own queue. As long as
the message does not arrive, there is no heartbeat. Time during which RabbitMQ does
not accept the message does not count, because a new process could not receive it
either.

Related: ``report_interval``.
""",
    ),
]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[compute]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("compute", title="The compute daemon, n-cpu")

OPTIONS = [
    cfg.StrOpt(
        "driver",
        default="libvirt",
        choices=[
            ("libvirt", "guests of the libvirt at ``[libvirt] connection_uri``"),
            ("fake", "no guests at all: a dictionary that plays hypervisor"),
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
Virtual CPUs that may be given away for each CPU of the host.
""",
    ),
    cfg.FloatOpt(
        "ram_allocation_ratio",
        mutable=True,
        default=1.0,
        min=0.1,
        help="""
MiB that may be given away for each MiB of the host that is not reserved.

Related: ``reserved_host_memory_mb``.
""",
    ),
    cfg.IntOpt(
        "reserved_host_memory_mb",
        mutable=True,
        default=512,
        min=0,
        help="""
MiB of the host that no server gets.
""",
    ),
    cfg.IntOpt(
        "sync_power_state_interval",
        mutable=True,
        default=600,
        min=0,
        help="""
Seconds between two comparisons of all servers with the hypervisor; 0 never compares.

Lifecycle events tell of single changes at once; this finds those that were missed.
""",
    ),
    cfg.IntOpt(
        "settle_interval",
        mutable=True,
        default=5,
        min=1,
        help="""
Seconds between two looks for actions that nobody is performing any more, and for guests
that may have changed unseen.

What was accepted is settled, done or failed on record, within ``settle_interval`` and
``settle_grace`` after its services are back, and what the action itself takes: below 30
seconds with the defaults.

Related: ``settle_grace``.
""",
    ),
    cfg.IntOpt(
        "settle_grace",
        mutable=True,
        default=15,
        min=1,
        help="""
Seconds that an accepted action may wait before this host settles it unasked; one that
was begun on, and whose process died, does not wait.

Long enough for a message to come through the queue; what comes later is dropped.
""",
    ),
    cfg.IntOpt(
        "shutdown_retry_interval",
        mutable=True,
        default=10,
        min=1,
        help="""
Seconds after which a guest that is to power itself off is asked once more.

Related: ``shutdown_timeout``.
""",
    ),
    cfg.IntOpt(
        "hearing_timeout",
        default=20,
        min=1,
        help="""
Seconds without hearing itself after which n-cpu ends, for its supervisor to start it
anew.

Before each heartbeat n-cpu sends itself a message through its own queue; while that
does not come back there is no heartbeat. While RabbitMQ does not take the message the
time does not count: a new process would not hear either.

Related: ``report_interval``.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    return [(GROUP, OPTIONS)]

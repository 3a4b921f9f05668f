# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: which are up, which are down, and why."""

import dataclasses
import pathlib
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from minova.cmd import one_per_host
from minova.doctor.deployment import Deployment, command
from minova.doctor.findings import Finding, NotLooked, Report, finding
from minova.doctor.looks import processes
from minova.doctor.looks.broker import BACKLOG
from minova.rpc import inspection
from minova.rpc.inspection import Waiting

_N_CPU: Final = "minova-compute"
_NO_HEARTBEAT: Final = (
    ("database", "because the database does not answer"),
    ("broker", "because RabbitMQ does not accept its messages"),
    ("libvirt", "because it cannot reach its libvirt"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class HostSeen:
    """A compute service, from the database or from n-api.

    Attributes:
        silent_for: seconds since its last heartbeat; None if there was none.
        disabled: why it is disabled; None if it is enabled.
    """

    host: str
    is_up: bool
    silent_for: float | None
    is_forced_down: bool = False
    disabled: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """Times in seconds, from the options, or minova's defaults without a configuration.

    Attributes:
        settled: how soon n-cpu settles an action that nobody performs.
        grace: how long an accepted action may wait for its message.
        call: how long a libvirt call may take.
        wait: how long a guest may take to power itself off.
    """

    settled: float = 20
    grace: float = 15
    call: float = 20
    wait: float = 120


def times(deployment: Deployment | None) -> Times:
    if deployment is None:
        return Times()
    conf = deployment.conf
    return Times(
        conf.compute.settle_grace + conf.compute.settle_interval,
        conf.compute.settle_grace,
        conf.libvirt.call_timeout,
        max(conf.shutdown_timeout, conf.libvirt.wait_soft_reboot_seconds),
    )


def look_here(deployment: Deployment, is_host: bool) -> Iterator[Finding | NotLooked]:
    """Check whether this machine's n-cpu runs.

    Args:
        is_host: whether the host of the configuration has ever reported.
    """
    conf = deployment.conf
    lock = one_per_host.lock_path(pathlib.Path(conf.state_path), conf.host)
    try:
        pid = processes.holder(lock)
    except FileNotFoundError:
        return
    except OSError as error:
        why = f"{lock}: {error.strerror}"
        yield NotLooked("n-cpu's process", why, "sudo minova doctor")
        return
    if pid is None:
        if is_host:
            start = deployment.start("n-cpu")
            yield finding("n-cpu-stopped", host=conf.host, start=start)
    elif frozen := processes.stopped(pid):
        pids = " ".join(map(str, frozen))
        yield finding("n-cpu-frozen", host=conf.host, pid=pid, pids=pids)


def look_from_outside(hosts: Iterable[HostSeen]) -> Iterator[Finding]:
    """Check the same without a configuration, by hostname and process name."""
    name = socket.gethostname()
    if any(host.host == name for host in hosts) and processes.runs(_N_CPU) is False:
        yield finding("n-cpu-stopped", host=name, start=command("start", "n-cpu"))


def look(
    hosts: Iterable[HostSeen], report: Report, deployment: Deployment | None
) -> Iterator[Finding]:
    """Find the hosts that are down, and why, if the report knows already."""
    for host in hosts:
        if host.disabled is not None:
            yield finding("host-disabled", host=host.host, why=host.disabled)
        if host.is_forced_down:
            yield finding("host-forced-down", host=host.host)
        elif not host.is_up and not _is_explained(host.host, report):
            yield finding(
                "host-down",
                host=host.host,
                ago="never"
                if host.silent_for is None
                else f"{ago(host.silent_for)} ago",
                why=_why(report, is_here=_is_here(host.host, deployment)),
                settled=f"{times(deployment).settled:g}",
                start=start_of(host.host, deployment),
            )


def look_at_queues(
    waiting: Mapping[str, Waiting | None],
    hosts: Iterable[HostSeen],
    report: Report,
    deployment: Deployment,
) -> Iterator[Finding]:
    """Find the queues that are missing, unread or long."""
    limits = times(deployment)
    for host in hosts:
        # A queue is unread if n-cpu does not run. That was reported already.
        if host.host not in waiting or _is_explained(host.host, report):
            continue
        found = waiting[host.host]
        kind = _kind_of(found)
        if kind is not None and not host.is_forced_down:
            yield finding(
                kind,
                queue=inspection.queue_of(host.host),
                host=host.host,
                messages=found.messages if found else 0,
                settled=f"{limits.settled:g}",
                grace=f"{limits.grace:g}",
                start=start_of(host.host, deployment),
                restart=deployment.restart("n-cpu"),
            )


def _kind_of(found: Waiting | None) -> str | None:
    if found is None:
        return "queue-missing"
    if not found.consumers:
        return "queue-unheard"
    return "queue-backlog" if found.messages >= BACKLOG else None


def start_of(host: str, deployment: Deployment | None) -> str:
    """Return the command that starts a host's n-cpu."""
    if deployment is None:
        return f"On {host}: {command('start', 'n-cpu')}"
    start = deployment.start("n-cpu")
    return start if _is_here(host, deployment) else f"On {host}: {start}"


def ago(seconds: float) -> str:
    """Return a time in words: seconds, minutes or hours."""
    if seconds < 120:  # noqa: PLR2004 - people count so far
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"  # noqa: PLR2004


def _is_here(host: str, deployment: Deployment | None) -> bool:
    return deployment is not None and deployment.conf.host == host


def _is_explained(host: str, report: Report) -> bool:
    return any(
        each.kind.name in {"n-cpu-stopped", "n-cpu-frozen"}
        and each.values["host"] == host
        for each in report.findings
    )


def _why(report: Report, *, is_here: bool) -> str:
    for head, why in _NO_HEARTBEAT:
        if any(
            each.kind.name.startswith(head) and each.kind.severity == "error"
            for each in report.findings
        ) and (head != "libvirt" or is_here):
            return f"It cannot send heartbeats {why}."
    if is_here:
        return "Its n-cpu runs, but gets no messages from itself, or has just started."
    return "Its n-cpu does not run, or cannot reach RabbitMQ, database or libvirt."

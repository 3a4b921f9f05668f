# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a server is not in the state it should be in."""

from collections.abc import Sequence
from typing import Final

from minova.doctor.examination import Examination
from minova.doctor.findings import Finding
from minova.doctor.kinds import Severity
from minova.doctor.looks.claims import stage_of
from minova.doctor.looks.hosts import ago
from minova.doctor.server import ServerSeen
from minova.rpc import inspection

_KEEPS: Final = ("n-cpu", "libvirt", "broker", "database", "queue", "host-")
"""Prefixes of the names of kinds that keep a host from its work."""


def concerning(server: ServerSeen, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that may affect the server, causes first."""
    return [each for each in findings if each.concerns(server.id, server.host)]


def why(server: ServerSeen, examination: Examination) -> str:
    """Say in a sentence or two why the server is not in the state it should be in."""
    mine = concerning(server, examination.report.findings)
    own = [each for each in mine if each.values.get("server") == server.id]
    causes = [
        each.what
        for each in mine
        if each.kind.severity is Severity.ERROR
        and each.kind.name.startswith(_KEEPS)
        and each not in own
    ]
    because = "".join(f" {cause}" for cause in causes[:2])
    if server.claim is not None:
        far = stage(server, examination)
        age = ago(server.claim.age)
        settled = f"{examination.times.settled:g}"
        if not causes and not own:
            because = f" Its host finishes it, or settles it within {settled} s."
        return f"It has been {server.claim.task_state} for {age}: {far}.{because}"
    if own:
        return own[0].what + because
    last = server.records[0] if server.records else None
    if server.fault is not None:
        return f"It is in ERROR: {server.fault.rstrip('.')}.{because}"
    if last is not None and last.result == "Error":
        reason = (last.details or "no reason is on record").rstrip(".")
        return f"Its last request, {last.action}, failed: {reason}.{because}"
    return f"It is {server.status}, and nothing holds it.{because}"


def stage(server: ServerSeen, examination: Examination) -> str:
    """Say how far the server's claim has come."""
    assert server.claim is not None
    waiting = examination.broker.waiting if examination.broker else {}
    return stage_of(server.claim, waiting, examination.guests.get(server.id))


def facts(server: ServerSeen, examination: Examination) -> dict[str, str]:
    """Return what is known about the server, a line for each fact."""
    told: dict[str, str] = {"host": _host(server, examination)}
    waiting = examination.broker.waiting if examination.broker else {}
    if server.host in waiting:
        held = waiting[server.host]
        told["queue"] = f"{inspection.queue_of(server.host)}, " + (
            "which does not exist"
            if held is None
            else f"messages: {held.messages}, readers: {held.consumers}"
        )
    if server.claim is not None:
        told["claim"] = (
            f"{server.claim.task_state}, accepted {ago(server.claim.age)} ago; "
            f"{stage(server, examination)}"
        )
    guest = examination.guests.get(server.id)
    told["guest"] = (
        str(guest) if guest else f"not looked at; last seen {server.power_state}"
    )
    return told


def title(server: ServerSeen) -> str:
    """Return the server's name, id, status and task."""
    task = f", {server.claim.task_state}" if server.claim else ""
    return f"{server.name} ({server.id}) is {server.status}{task}"


def trace(server: ServerSeen) -> str | None:
    """Return the command that traces the server's last request."""
    request = server.claim.request if server.claim else None
    if not request and server.records:
        request = server.records[0].request
    return f"minova trace {request}" if request else None


def _host(server: ServerSeen, examination: Examination) -> str:
    if server.host is None:
        return "none, or you may not see it"
    for host in examination.hosts:
        if host.host == server.host:
            state = "up" if host.is_up else "down"
            if host.silent_for is None:
                return f"{host.host} is {state}"
            return f"{host.host} is {state}, last heartbeat {ago(host.silent_for)} ago"
    return server.host

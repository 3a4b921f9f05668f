# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers whose guest differs from their row, by the rules that n-cpu follows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from oslo_config import cfg

from minova.doctor.findings import Finding, finding
from minova.doctor.looks.hypervisor import SeenGuest
from minova.objects.instance import Instance
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.vm_states import Then, VMState, facts_of

_LEADS_OUT: Final = {
    GuestState.PAUSED: "openstack server pause {server}; "
    "openstack server unpause {server}",
}
_STOPS: Final = frozenset({GuestState.OFF, GuestState.ASLEEP})
_BEGINS_AFTER: Final = 15
"""Seconds that n-cpu waits after a guest went off (``virt.libvirt.events``)."""


def look(
    conf: cfg.ConfigOpts,
    servers: Iterable[Instance],
    guests: Mapping[str, SeenGuest],
) -> Iterator[Finding]:
    """Compare the servers of this host with its guests.

    Servers with a task are skipped: ``claims`` looks at them.
    """
    mine = {server.uuid: server for server in servers}
    for server in mine.values():
        if server.task_state is None:
            yield from _compare(conf, server, guests.get(server.uuid))
    for guest in guests.values():
        if guest.uuid not in mine:
            yield finding("guest-of-nobody", server=guest.uuid, name=guest.name)


def _compare(
    conf: cfg.ConfigOpts, server: Instance, guest: SeenGuest | None
) -> Iterator[Finding]:
    state = GuestState.GONE if guest is None else guest.state
    facts = facts_of(server.vm_state)
    values: dict[str, Any] = {
        "server": server.uuid,
        "vm_state": server.vm_state,
        "guest": state,
        "seconds": _BEGINS_AFTER,
        "sync": conf.compute.sync_power_state_interval,
    }
    if state is GuestState.GONE:
        if facts.guest is not None:
            yield finding("guest-gone", **values)
        return
    surprise = None if state is None else facts.surprises.get(state)
    if surprise is None or server.vm_state is VMState.ERROR:
        return
    match surprise.then:
        case Then.STOP if state in _STOPS:
            yield finding("guest-stopped", **values)
        case Then.STOP:
            yield finding("guest-started", **values)
        case Then.FOLLOW:
            yield finding("guest-led", **values)
        case _:
            way = "openstack server show {server}"
            repair = _LEADS_OUT.get(state, way) if state else way
            repair = repair.format(server=server.uuid)
            yield finding("guest-left", **values, repair=repair)

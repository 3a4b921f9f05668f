# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which host gets a new server."""

from collections.abc import Sequence

from minova.objects.flavor import Flavor
from minova.objects.host import HostState
from minova.objects.server_group import (
    AFFINITY,
    ANTI_AFFINITY,
    SOFT_AFFINITY,
    SOFT_ANTI_AFFINITY,
    GroupHosts,
)


def rank(
    hosts: Sequence[HostState], flavor: Flavor, group: GroupHosts | None = None
) -> Sequence[HostState]:
    """The hosts with room for a flavor that a server group allows, the emptiest first.

    A soft group's wish comes before room.

    Called inside the transaction that inserts the server, with the hosts that are
    enabled and alive (``Database.instance_create``).  What is said here is only the
    order in which they are tried: the room is taken by one conditional update, and a
    host that lost it to another create meanwhile is passed over.  The group is locked
    until then, so that what it has on each host does not change.
    """
    with_room = [
        host
        for host in hosts
        if host.memory_mb_used + flavor.memory_mb <= host.memory_mb_limit
        and host.vcpus_used + flavor.vcpus <= host.vcpus_limit
        and (group is None or _allows(group, host.host))
    ]
    return sorted(
        with_room,
        key=lambda host: (
            0 if group is None else _dislikes(group, host.host),
            host.memory_mb_used - host.memory_mb_limit,
            host.vcpus_used - host.vcpus_limit,
            host.host,
        ),
    )


def _allows(group: GroupHosts, host: str) -> bool:
    if group.policy == AFFINITY:
        return not group.members or host in group.members
    if group.policy == ANTI_AFFINITY:
        return group.members.get(host, 0) < group.max_per_host
    return True


def _dislikes(group: GroupHosts, host: str) -> int:
    """The less, the better."""
    sign = {SOFT_AFFINITY: -1, SOFT_ANTI_AFFINITY: 1}.get(group.policy, 0)
    return sign * group.members.get(host, 0)

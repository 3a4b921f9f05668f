# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Choose a host for a new server."""

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
    """Return the hosts that have room and that the group allows, the emptiest first.

    The policy of a soft group counts more than free room.

    ``Database.instance_create`` calls this inside its transaction, with the hosts that
    are enabled and alive.  The result is only the order in which hosts are tried: one
    conditional update takes the room, unless another create has just taken it.  The
    group stays locked until then, so its servers on each host do not change.
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
    """Return how unwelcome a host is: the lower, the better."""
    sign = {SOFT_AFFINITY: -1, SOFT_ANTI_AFFINITY: 1}.get(group.policy, 0)
    return sign * group.members.get(host, 0)

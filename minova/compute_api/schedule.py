# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which host gets a new server."""

from collections.abc import Sequence

from minova.objects.flavor import Flavor
from minova.objects.host import HostState


def rank(hosts: Sequence[HostState], flavor: Flavor) -> Sequence[HostState]:
    """The hosts with room for a flavor, the emptiest first.

    Called inside the transaction that inserts the server, with the hosts that are
    enabled and alive (``Database.instance_create``).  What is said here is only the
    order in which they are tried: the room is taken by one conditional update, and a
    host that lost it to another create meanwhile is passed over.
    """
    with_room = [
        host
        for host in hosts
        if host.memory_mb_used + flavor.memory_mb <= host.memory_mb_limit
        and host.vcpus_used + flavor.vcpus <= host.vcpus_limit
    ]
    return sorted(
        with_room,
        key=lambda host: (
            host.memory_mb_used - host.memory_mb_limit,
            host.vcpus_used - host.vcpus_limit,
            host.host,
        ),
    )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups: servers that belong on one host, or on different ones."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

AFFINITY: Final = "affinity"
ANTI_AFFINITY: Final = "anti-affinity"
SOFT_AFFINITY: Final = "soft-affinity"
SOFT_ANTI_AFFINITY: Final = "soft-anti-affinity"

MAX_PER_HOST: Final = "max_server_per_host"
"""The only rule there is, of ``anti-affinity``; without it one server a host."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerGroup:
    """A row of ``instance_groups``.

    Attributes:
        members: the UUIDs of its living servers, in the order in which they came.
    """

    uuid: str
    name: str
    project_id: str
    user_id: str
    policy: str
    rules: Mapping[str, int]
    members: Sequence[str] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GroupHosts:
    """What a group asks of the host of its next server.

    Attributes:
        members: how many living members each host has that has some.
    """

    policy: str
    max_per_host: int
    members: Mapping[str, int]

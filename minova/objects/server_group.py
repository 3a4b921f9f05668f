# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server groups: servers that belong on one host, or on different hosts."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

AFFINITY: Final = "affinity"
ANTI_AFFINITY: Final = "anti-affinity"
SOFT_AFFINITY: Final = "soft-affinity"
SOFT_ANTI_AFFINITY: Final = "soft-anti-affinity"

MAX_PER_HOST: Final = "max_server_per_host"
"""The only rule, for ``anti-affinity``; the default is one server per host."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerGroup:
    """A row of ``instance_groups``.

    Attributes:
        members: the UUIDs of its living servers, in the order they joined.
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
    """A group's demands on the host of its next server.

    Attributes:
        members: the number of living members by host; hosts without any are left out.
    """

    policy: str
    max_per_host: int
    members: Mapping[str, int]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Aggregate: a group of hosts that an admin made."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Final

ZONE_KEY: Final = "availability_zone"
"""The metadata item that names the zone of its hosts."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A row of ``aggregates``, with its hosts in the order they were added."""

    id: int
    uuid: str
    name: str
    metadata: Mapping[str, str]
    hosts: Sequence[str]
    created_at: datetime.datetime
    updated_at: datetime.datetime | None

    @property
    def zone(self) -> str | None:
        return self.metadata.get(ZONE_KEY)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The usage of a server: how long it lived, and with which flavor."""

import dataclasses
import datetime

from minova.objects.flavor import Flavor


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerUsage:
    """A server that ran at some time, perhaps deleted since; times are UTC."""

    uuid: str
    display_name: str
    project_id: str
    flavor: Flavor
    vm_state: str
    launched_at: datetime.datetime
    terminated_at: datetime.datetime | None

    def hours(self, begin: datetime.datetime, end: datetime.datetime) -> float:
        """The hours that the server lived within a period."""
        first = max(self.launched_at, begin)
        last = end if self.terminated_at is None else min(self.terminated_at, end)
        return max((last - first).total_seconds(), 0) / 3600

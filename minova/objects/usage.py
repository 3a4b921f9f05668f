# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server took of its project's hours."""

import dataclasses
import datetime

from minova.objects.flavor import Flavor


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerUsage:
    """A server that ran at some time, be it deleted by now; times are UTC."""

    uuid: str
    display_name: str
    project_id: str
    flavor: Flavor
    vm_state: str
    launched_at: datetime.datetime
    terminated_at: datetime.datetime | None

    def hours(self, begin: datetime.datetime, end: datetime.datetime) -> float:
        """How many hours of a period it lived."""
        first = max(self.launched_at, begin)
        last = end if self.terminated_at is None else min(self.terminated_at, end)
        return max((last - first).total_seconds(), 0) / 3600

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Usage: the servers that ran in a period, including deleted ones."""

import datetime

from minova import exception
from minova.db.api import Database
from minova.objects.usage import ServerUsage


class UsageAPI:
    def __init__(self, db: Database) -> None:
        self._db = db

    def servers(
        self,
        begin: datetime.datetime,
        end: datetime.datetime,
        *,
        project_id: str | None,
        limit: int,
        marker: str | None,
    ) -> list[ServerUsage]:
        """Return a page of the servers that ran in a period, by project and UUID.

        Raises:
            UsageMarkerNotFound: there never was a server with that UUID.
        """
        after = None
        if marker is not None:
            last = self._db.instance_get(marker, deleted_too=True)
            if last is None:
                raise exception.UsageMarkerNotFound(marker)
            after = (last.project_id, last.uuid)
        if limit == 0:
            return []
        return self._db.usage_list(begin, end, project_id, limit, after)

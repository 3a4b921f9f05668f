# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which servers ran in a period of time."""

import datetime

import sqlalchemy as sa

from minova.db.connection.transactions import Transactions, question
from minova.db.tables import instances
from minova.objects.flavor import Flavor
from minova.objects.usage import ServerUsage

_COLUMNS = (
    *(instances.c.uuid, instances.c.display_name, instances.c.project_id),
    *(instances.c.flavor, instances.c.vm_state),
    *(instances.c.launched_at, instances.c.terminated_at),
)


class Usage(Transactions):
    @question
    def usage_list(
        self,
        begin: datetime.datetime,
        end: datetime.datetime,
        project_id: str | None,
        limit: int,
        after: tuple[str, str] | None = None,
    ) -> list[ServerUsage]:
        """A page of the servers that ran in a period, sorted by project and UUID.

        Args:
            project_id: None asks for all projects.
            after: the page starts after the server with this project and UUID.
        """
        query = (
            sa.select(*_COLUMNS)
            .where(
                instances.c.terminated_at.is_(None)
                | (instances.c.terminated_at > begin),
                instances.c.launched_at < end,
            )
            .order_by(instances.c.project_id, instances.c.uuid)
            .limit(limit)
        )
        if project_id is not None:
            query = query.where(instances.c.project_id == project_id)
        if after is not None:
            place = sa.tuple_(instances.c.project_id, instances.c.uuid)
            query = query.where(place > sa.tuple_(*after))
        with self._read() as connection:
            return [
                ServerUsage(
                    **dict(row._mapping) | {"flavor": Flavor.from_dict(row.flavor)}
                )
                for row in connection.execute(query)
            ]

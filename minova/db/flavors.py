# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavors."""

import sqlalchemy as sa

from minova.db import rows
from minova.db.rows import flavors
from minova.db.transactions import Transactions, question
from minova.objects.flavor import Flavor


class Flavors(Transactions):
    """The questions about flavors."""

    @question
    def flavor_get(self, flavorid: str) -> Flavor | None:
        query = sa.select(*rows.FLAVOR).where(flavors.c.flavorid == flavorid)
        with self._read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Flavor(**row._mapping)

    @question
    def flavor_list(
        self,
        limit: int,
        after: str | None = None,
        is_public: bool | None = True,
        min_ram: int = 0,
        min_disk: int = 0,
    ) -> list[Flavor]:
        """A page of flavors by their id, as Nova sorts them.

        Args:
            after: the flavorid behind which the page begins.
            is_public: None asks for all.
            min_ram: MiB.
            min_disk: GiB.
        """
        query = (
            sa.select(*rows.FLAVOR)
            .where(flavors.c.memory_mb >= min_ram, flavors.c.root_gb >= min_disk)
            .order_by(flavors.c.flavorid)
            .limit(limit)
        )
        if after is not None:
            query = query.where(flavors.c.flavorid > after)
        if is_public is not None:
            query = query.where(flavors.c.is_public.is_(is_public))
        with self._read() as connection:
            return [Flavor(**row._mapping) for row in connection.execute(query)]

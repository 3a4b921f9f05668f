# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keypairs.  Each belongs to a user."""

from collections.abc import Mapping

import sqlalchemy as sa

from minova import exception
from minova.db import quotas
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import key_pairs
from minova.objects.keypair import Keypair
from minova.objects.quota import UNLIMITED


class Keypairs(Transactions):
    @question
    def keypair_create(
        self, user_id: str, name: str, values: Mapping[str, str], limit: int
    ) -> Keypair:
        """Insert a keypair, if the user may have one more.

        Raises:
            KeypairLimitExceeded: the user already has ``limit`` keypairs.
            KeyPairExists: the user already has a keypair of that name.
        """
        with self._write() as connection:
            quotas.lock(connection, f"key_pairs/{user_id}"[:255])
            count = sa.select(sa.func.count()).where(key_pairs.c.user_id == user_id)
            if limit != UNLIMITED and connection.execute(count).scalar_one() >= limit:
                raise exception.KeypairLimitExceeded
            if _get(connection, user_id, name) is not None:
                raise exception.KeyPairExists(name)
            connection.execute(
                sa.insert(key_pairs).values(
                    **values, user_id=user_id, name=name, created_at=utcnow()
                )
            )
            created = _get(connection, user_id, name)
        assert created is not None
        return created

    @question
    def keypair_get(self, user_id: str, name: str) -> Keypair | None:
        with self._read() as connection:
            return _get(connection, user_id, name)

    @question
    def keypair_list(
        self, user_id: str, limit: int | None, after: str | None
    ) -> list[Keypair]:
        """A page of a user's keypairs, sorted by name.

        Args:
            limit: None asks for all.
            after: the page starts after this name.
        """
        query = (
            sa.select(key_pairs)
            .where(key_pairs.c.user_id == user_id)
            .order_by(key_pairs.c.name)
            .limit(limit)
        )
        if after is not None:
            query = query.where(key_pairs.c.name > after)
        with self._read() as connection:
            return [Keypair(**row._mapping) for row in connection.execute(query)]

    @question
    def keypair_delete(self, user_id: str, name: str) -> bool:
        with self._write() as connection:
            gone = connection.execute(
                sa.delete(key_pairs).where(
                    key_pairs.c.user_id == user_id, key_pairs.c.name == name
                )
            )
        return gone.rowcount == 1


def _get(connection: sa.Connection, user_id: str, name: str) -> Keypair | None:
    query = sa.select(key_pairs).where(
        key_pairs.c.user_id == user_id, key_pairs.c.name == name
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Keypair(**row._mapping)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Claims of all hosts with their ages, for an operator."""

import dataclasses
import datetime
from typing import Any

import sqlalchemy as sa

from minova.db import rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import actions, instances
from minova.objects.instance import Instance


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AgedClaim:
    """A claimed server, with ages by the database's clock.

    Attributes:
        action: the action's name from the record; None if there is no record.
        age: seconds since the claim was taken; if it has no time, since the server's
            row last changed.
        begun: seconds since a host started the claim; None if no host did.
    """

    instance: Instance
    action: str | None
    age: float
    begun: float | None


class Claimed(Transactions):
    @question
    def claims(self) -> list[AgedClaim]:
        """Every claim of a living server, oldest first."""
        record = sa.and_(
            actions.c.instance_uuid == instances.c.uuid,
            actions.c.request_id == instances.c.claim_request_id,
        )
        query = (
            sa.select(
                *rows.INSTANCE,
                instances.c.claimed_at,
                utcnow().label("database_now"),
                actions.c.action.label("action_name"),
            )
            .outerjoin(actions, record)
            .where(rows.LIVING, instances.c.task_state.is_not(None))
            .order_by(instances.c.claimed_at, instances.c.id)
        )
        with self._read() as connection:
            return [_aged(row) for row in connection.execute(query)]


def _aged(row: Any) -> AgedClaim:
    def since(moment: datetime.datetime | None) -> float | None:
        return None if moment is None else (row.database_now - moment).total_seconds()

    taken = row.claimed_at or row._mapping[instances.c.updated_at]
    return AgedClaim(
        instance=rows.to_instance(row),
        action=row.action_name,
        age=since(taken) or 0.0,
        begun=since(row.claim_started_at),
    )

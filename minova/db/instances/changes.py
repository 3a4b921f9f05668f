# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a server that involve no host and take no claim.

Updates, metadata, locks and tags, and an admin's reset of the state.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from minova.context import RequestContext
from minova.db import claims, moves, records, rows
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import instances, tags
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.vocabulary.vm_states import VMState

Metadata = Mapping[str, str]

# Nova keeps it in the request spec, so the server does not count as updated.
_BESIDE_THE_SERVER: Final = {"pinned_availability_zone"}


class InstanceChanges(Transactions):
    @question
    def instance_update(
        self, instance_uuid: str, values: Mapping[str, Any]
    ) -> Instance | None:
        """Set columns and return the server; None if it is deleted.

        As in Nova, any given value counts as an update, even an unchanged one.
        """
        changes = dict(values)
        if values.keys() - _BESIDE_THE_SERVER:
            changes["updated_at"] = utcnow()
        with self._write() as connection:
            if changes:
                connection.execute(
                    sa.update(instances).where(_living(instance_uuid)).values(changes)
                )
            row = connection.execute(
                sa.select(*rows.INSTANCE).where(_living(instance_uuid))
            ).one_or_none()
            if row is None:
                return None
            faults = rows.newest_faults(connection, [instance_uuid])
        return rows.to_instance(row, faults.get(instance_uuid))

    @question
    def instance_metadata_change(
        self,
        instance_uuid: str,
        vm_states: Collection[VMState],
        change: Callable[[Metadata], Metadata],
        *,
        updates: bool = True,
    ) -> Metadata | None:
        """Replace the metadata with the result of ``change``.

        Two concurrent changes both take effect, because the row is locked between
        reading and writing.

        Args:
            updates: whether the server counts as updated.

        Returns:
            The new metadata; None if the server's state does not allow the change.
        """
        with self._write() as connection:
            row = connection.execute(
                sa.select(instances.c.metadata)
                .where(_living(instance_uuid), instances.c.vm_state.in_(vm_states))
                .with_for_update()
            ).one_or_none()
            if row is None:
                return None
            changed = change(row.metadata)
            values: dict[str, Any] = {"metadata": dict(changed)}
            if updates:
                values["updated_at"] = utcnow()
            connection.execute(
                sa.update(instances).where(_living(instance_uuid)).values(values)
            )
        return changed

    @question
    def instance_lock(
        self,
        context: RequestContext,
        instance_uuid: str,
        locked_by: str | None,
        reason: str | None,
        host: str,
    ) -> bool:
        """Lock a server and record it; ``locked_by`` None unlocks the server.

        Args:
            reason: None keeps the reason of an existing lock.  Unlocking removes it.
            host: the host on which n-api runs, for the record.

        Returns:
            False if the server is deleted.
        """
        unlocks = locked_by is None
        name = "unlock" if unlocks else "lock"
        values: dict[str, Any] = {"locked": not unlocks, "locked_by": locked_by}
        if unlocks or reason is not None:
            values["locked_reason"] = reason
        with self._write() as connection:
            done = connection.execute(
                sa.update(instances)
                .where(_living(instance_uuid))
                .values(**values, updated_at=utcnow())
            )
            if done.rowcount != 1:
                return False
            request_id = str(context.request_id)
            records.start_action(connection, context, instance_uuid, name)
            records.start_event(
                connection, instance_uuid, request_id, f"api_{name}", host
            )
            records.finish_event(connection, instance_uuid, request_id, None)
        return True

    @question
    def instance_record_failure(
        self,
        context: RequestContext,
        instance_uuid: str,
        name: str,
        failure: Failure,
        host: str,
        *,
        event: str | None = None,
    ) -> None:
        """Record a request that was accepted but failed before anything was claimed.

        Args:
            event: the event's name, if it is not ``compute_<name>``.
        """
        request_id = str(context.request_id)
        with self._write() as connection:
            records.start_action(connection, context, instance_uuid, name)
            records.start_event(
                *(connection, instance_uuid, request_id),
                *(event or f"compute_{name}", host),
            )
            records.finish_event(connection, instance_uuid, request_id, failure)

    @question
    def instance_reset_state(
        self, context: RequestContext, instance_uuid: str, vm_state: VMState
    ) -> bool:
        """Set the state, remove any claim, and record the reset.

        The request that held the claim is recorded as failed.  Its host may be gone,
        and then nobody else would end its event.

        Returns:
            False if the server is deleted.
        """
        with self._write() as connection:
            row = connection.execute(
                sa.select(instances.c.claim_request_id)
                .where(_living(instance_uuid))
                .with_for_update()
            ).one_or_none()
            if row is None:
                return False
            connection.execute(
                sa.update(instances)
                .where(_living(instance_uuid))
                .values(
                    **claims.NONE,
                    vm_state=vm_state,
                    updated_at=utcnow(),
                )
            )
            moves.leave(connection, instance_uuid, "error")
            if row.claim_request_id is not None:
                records.preempt(connection, instance_uuid, row.claim_request_id)
            records.start_action(connection, context, instance_uuid, "resetState")
        return True

    @question
    def tags_of(self, instance_uuids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The sorted tags of these servers; servers without tags are left out."""
        with self._read() as connection:
            return rows.tags_of(connection, instance_uuids)

    @question
    def tags_set(self, instance_uuid: str, wanted: Collection[str]) -> None:
        """Replace all tags of a server."""
        with self._write() as connection:
            connection.execute(
                sa.delete(tags).where(tags.c.instance_uuid == instance_uuid)
            )
            if wanted:
                connection.execute(
                    sa.insert(tags),
                    [{"instance_uuid": instance_uuid, "tag": tag} for tag in wanted],
                )

    @question
    def tag_add(self, instance_uuid: str, tag: str, limit: int) -> bool | None:
        """Put a tag on a server.

        Returns:
            Whether the tag is new; None if the server already has ``limit`` tags.
        """
        with self._write() as connection:
            # One request per server at a time: nothing else limits the number of tags.
            connection.execute(
                sa.select(instances.c.id)
                .where(instances.c.uuid == instance_uuid)
                .with_for_update()
            )
            has = rows.tags_of(connection, [instance_uuid]).get(instance_uuid, ())
            if len(has) >= limit:
                return None
            if tag in has:
                return False
            connection.execute(
                sa.insert(tags).values(instance_uuid=instance_uuid, tag=tag)
            )
        return True

    @question
    def tag_remove(self, instance_uuid: str, tag: str) -> bool:
        """Remove a tag; False if the server did not have it."""
        with self._write() as connection:
            gone = connection.execute(
                sa.delete(tags).where(
                    tags.c.instance_uuid == instance_uuid, tags.c.tag == tag
                )
            )
        return gone.rowcount == 1


def _living(instance_uuid: str) -> sa.ColumnElement[bool]:
    return sa.and_(instances.c.uuid == instance_uuid, rows.LIVING)

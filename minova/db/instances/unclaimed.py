# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes without a claim: a guest that changed by itself, a server without a host."""

import sqlalchemy as sa

from minova.context import RequestContext
from minova.db import claims, records, rows, server_groups
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.tables import instances
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState


class Unclaimed(Transactions):
    @question
    def instance_follow(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        event: str,
        power_state: PowerState,
    ) -> bool:
        """Set the state that a guest reached by itself, and record it as an action.

        Returns:
            False if the server no longer matches ``instance``, or an action holds it.
        """
        request_id = str(context.request_id)
        with self._write() as connection:
            followed = connection.execute(
                sa.update(instances)
                .where(
                    instances.c.uuid == instance.uuid,
                    rows.LIVING,
                    instances.c.task_state.is_(None),
                    instances.c.vm_state == instance.vm_state,
                )
                .values(
                    **claims.led_to(action),
                    power_state=power_state,
                    launched_at=sa.func.coalesce(instances.c.launched_at, utcnow()),
                    updated_at=utcnow(),
                )
            )
            if followed.rowcount != 1:
                return False
            records.start_action(connection, context, instance.uuid, action.name)
            records.start_event(
                connection, instance.uuid, request_id, event, str(instance.host)
            )
            records.finish_event(connection, instance.uuid, request_id, None)
        return True

    @question
    def instance_delete_unplaced(self, context: RequestContext, uuid: str) -> bool:
        """Delete a server that never had a host.

        Returns:
            False if the server has a host after all, or is already deleted.
        """
        with self._write() as connection:
            gone = connection.execute(
                sa.update(instances)
                .where(
                    instances.c.uuid == uuid,
                    instances.c.host.is_(None),
                    rows.LIVING,
                )
                .values(
                    **claims.NONE,
                    vm_state=VMState.DELETED,
                    admin_password=None,
                    deleted=True,
                    deleted_at=utcnow(),
                    terminated_at=utcnow(),
                    updated_at=utcnow(),
                )
            )
            if gone.rowcount != 1:
                return False
            server_groups.leave(connection, uuid)
            records.start_action(connection, context, uuid, "delete")
        return True

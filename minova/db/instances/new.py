# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""POST /servers: placing a new server, burying it in ERROR, or taking it back."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from minova import exception
from minova.context import RequestContext
from minova.db import claims, quotas, records, rows, server_groups
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.hosts import room as hosts
from minova.db.instances.lookup import read_one
from minova.db.tables import flavors, instances, tags
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor
from minova.objects.host import HostState
from minova.objects.instance import Instance, NewInstance
from minova.objects.quota import CreateQuota
from minova.objects.server_group import GroupHosts
from minova.vocabulary.instance_actions import CREATE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState

Rank = Callable[[Sequence[HostState], Flavor, GroupHosts | None], Sequence[HostState]]
"""Orders the hosts to try for a flavor and a server group, best first."""


class NewInstances(Transactions):
    @question
    def instance_create(
        self,
        context: RequestContext,
        new: NewInstance,
        rank: Rank,
        down_time: int,
        quota: CreateQuota | None = None,
    ) -> Instance:
        """Insert a server on a host that has room, in one transaction.

        The new row is already claimed for CREATE.  After an error, nothing is inserted.

        Args:
            rank: orders the hosts to try, best first.  A host that another create
                filled meanwhile is skipped.
            down_time: seconds after which a silent host counts as dead.
            quota: the limits to check; None checks none.

        Raises:
            TooManyInstances, GroupMemberLimitExceeded: a quota has no room.
            NoValidHost: no host has room.
            Invalid: the server group was deleted meanwhile.
        """
        flavor = new.flavor
        with self._write(self._undo(context, new)) as connection:
            group = _admit(connection, context, new, quota)
            states = hosts.host_states(connection, down_time)
            candidates = [
                candidate
                for candidate in rank(states, flavor, group)
                if new.requested_host in (None, candidate.host)
                and new.pinned_availability_zone in (None, candidate.zone)
            ]
            taken = next(
                (c for c in candidates if hosts.take(connection, c, flavor)), None
            )
            if taken is None:
                raise exception.NoValidHost
            claimed = {
                "host": taken.host,
                "availability_zone": taken.zone,
                "vm_state": VMState.BUILDING,
                "task_state": CREATE.task_state,
                "claim_request_id": context.request_id,
                "claimed_at": utcnow(),
                "admin_password": new.admin_password,
            }
            _insert(connection, context, new, claimed)
            created = read_one(connection, new.uuid)
        assert created is not None
        return created

    @question
    def instance_bury(
        self,
        context: RequestContext,
        new: NewInstance,
        failure: Failure,
        host: str,
        quota: CreateQuota | None = None,
    ) -> Instance:
        """Insert a server in ERROR that no host will build, and record why.

        Nova's conductor does this in cell0.

        Args:
            host: the host on which n-api runs, for the record.
            quota: as in ``instance_create``.

        Raises:
            TooManyInstances, GroupMemberLimitExceeded, Invalid: as in
                ``instance_create``.
        """
        with self._write(self._undo(context, new)) as connection:
            _admit(connection, context, new, quota)
            nowhere = {
                "availability_zone": new.pinned_availability_zone,
                "vm_state": VMState.ERROR,
            }
            _insert(connection, context, new, nowhere)
            request_id = str(context.request_id)
            event = "conductor_schedule_and_build_instances"
            records.add_fault(connection, new.uuid, failure, host)
            records.start_event(connection, new.uuid, request_id, event, host)
            records.finish_event(connection, new.uuid, request_id, failure)
            buried = read_one(connection, new.uuid)
        assert buried is not None
        return buried

    def _undo(self, context: RequestContext, new: NewInstance) -> Callable[[], bool]:
        return functools.partial(
            self.instance_discard, new.uuid, str(context.request_id)
        )

    @question
    def instance_discard(self, instance_uuid: str, request_id: str) -> bool:
        """Take back a server whose CREATE could not be delivered.

        Frees its room and records the action as failed.  A server without a host is
        taken back too, because nobody will build it.

        Returns:
            False if a host is already building it.
        """
        with self._write() as connection:
            gone = connection.execute(
                sa.update(instances)
                .where(
                    instances.c.uuid == instance_uuid,
                    rows.LIVING,
                    sa.or_(
                        instances.c.host.is_(None),
                        sa.and_(
                            instances.c.claim_request_id == request_id,
                            instances.c.task_state == CREATE.task_state,
                            instances.c.claim_started_at.is_(None),
                        ),
                    ),
                )
                .values(
                    **claims.NONE,
                    vm_state=VMState.DELETED,
                    admin_password=None,
                    deleted=True,
                    deleted_at=utcnow(),
                    updated_at=utcnow(),
                )
            )
            if gone.rowcount != 1:
                return False
            hosts.give_back(connection, instance_uuid)
            server_groups.leave(connection, instance_uuid)
            records.fail_action(connection, instance_uuid, request_id)
        return True


def _admit(
    connection: sa.Connection,
    context: RequestContext,
    new: NewInstance,
    quota: CreateQuota | None,
) -> GroupHosts | None:
    """Check that the quotas have room for a server, and put it into its group.

    The group stays locked until the server is placed or buried.
    """
    # Lock before anything is read, and always the group before the project.
    group = new.group_uuid and server_groups.lock(connection, new.group_uuid)
    if quota is not None:
        quotas.check_create(connection, context, quota, new.flavor)
    if not group:
        return None
    return server_groups.join(connection, context, group, new.uuid, quota)


def _insert(
    connection: sa.Connection,
    context: RequestContext,
    new: NewInstance,
    state: dict[str, Any],
) -> None:
    """Insert a server and the record of its CREATE.

    Args:
        state: the columns that differ between a placed and a buried server.
    """
    connection.execute(
        sa.insert(instances).values(
            **state,
            uuid=new.uuid,
            created_at=utcnow(),
            updated_at=utcnow(),
            deleted=False,
            user_id=context.user_id,
            project_id=context.project_id,
            display_name=new.display_name,
            hostname=new.hostname,
            reservation_id=new.reservation_id,
            image_ref=new.image_ref,
            flavor=new.flavor.to_dict(),
            flavor_uuid=sa.select(flavors.c.uuid)
            .where(flavors.c.flavorid == new.flavor.flavorid)
            .scalar_subquery(),
            metadata=dict(new.metadata),
            memory_mb=new.flavor.memory_mb,
            vcpus=new.flavor.vcpus,
            power_state=PowerState.NOSTATE,
            locked=False,
            display_description=new.display_description,
            launch_index=new.launch_index,
            pinned_availability_zone=new.pinned_availability_zone,
            image_properties=new.image_properties,
            scheduler_hints=new.scheduler_hints,
            trusted_certs=new.trusted_certs,
            network_info=new.network_info,
            key_data=new.key_data,
            key_name=new.key_name,
            user_data=new.user_data,
            config_drive=new.config_drive,
            disk_config=new.disk_config,
            access_ip_v4=new.access_ip_v4,
            access_ip_v6=new.access_ip_v6,
        )
    )
    if new.tags:
        connection.execute(
            sa.insert(tags),
            [{"instance_uuid": new.uuid, "tag": tag} for tag in new.tags],
        )
    records.start_action(connection, context, new.uuid, CREATE.name)

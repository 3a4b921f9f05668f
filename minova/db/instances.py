# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers: insert, read, list."""

import datetime
import functools
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.compute.instance_actions import CREATE
from minova.compute.power_state import PowerState
from minova.compute.vm_states import VMState
from minova.context import RequestContext
from minova.db import hosts, instance_search, quotas, records, rows
from minova.db.declarative import utcnow
from minova.db.outage import is_away
from minova.db.rows import flavors, instances, tags
from minova.db.transactions import Transactions, question
from minova.objects.action_record import Failure
from minova.objects.flavor import Flavor
from minova.objects.host import HostState
from minova.objects.instance import Instance, NewInstance
from minova.objects.instance_filter import InstanceFilter
from minova.objects.quota import CreateQuota

Rank = Callable[[Sequence[HostState], Flavor], Sequence[HostState]]
"""Which hosts to try for a flavor, best first."""


class Instances(Transactions):
    """The questions about servers that do not change their claim."""

    @question
    def instance_create(
        self,
        context: RequestContext,
        new: NewInstance,
        rank: Rank,
        down_time: int,
        quota: CreateQuota | None = None,
    ) -> Instance:
        """Insert a server on a host that has room for it, all in one transaction.

        The row is born claimed for CREATE.

        Args:
            rank: which hosts to try, best first; a host that another create filled up
                meanwhile is passed over.
            down_time: seconds after which a silent host is not alive.
            quota: what the project may have; None lets it have whatever it wants.

        Raises:
            TooManyInstances: it is over its quota; nothing was inserted.
            NoValidHost: nothing was inserted either.
        """
        flavor = new.flavor
        with self._write(self._undo(context, new)) as connection:
            if quota is not None:
                quotas.check_create(connection, context, quota, flavor)
            candidates = [
                candidate
                for candidate in rank(hosts.host_states(connection, down_time), flavor)
                if new.requested_host in (None, candidate.host)
            ]
            host = next(
                (c.host for c in candidates if hosts.take(connection, c.host, flavor)),
                None,
            )
            if host is None:
                raise exception.NoValidHost
            claimed = {
                "host": host,
                "availability_zone": "nova",
                "vm_state": VMState.BUILDING,
                "task_state": CREATE.task_state,
                "claim_request_id": context.request_id,
                "claimed_at": utcnow(),
                "admin_password": new.admin_password,
            }
            _insert(connection, context, new, claimed)
            created = _get(connection, new.uuid)
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
        """Insert a server in ERROR, which no host will build, and put on record why.

        Nova's conductor does so in its cell0.

        Args:
            host: who looked for one in vain, for the record.
            quota: as above.

        Raises:
            TooManyInstances: it is over its quota; nothing was inserted.
        """
        with self._write(self._undo(context, new)) as connection:
            if quota is not None:
                quotas.check_create(connection, context, quota, new.flavor)
            _insert(connection, context, new, {"vm_state": VMState.ERROR})
            request_id = str(context.request_id)
            event = "conductor_schedule_and_build_instances"
            records.add_fault(connection, new.uuid, failure, host)
            records.start_event(connection, new.uuid, request_id, event, host)
            records.finish_event(connection, new.uuid, request_id, failure)
            buried = _get(connection, new.uuid)
        assert buried is not None
        return buried

    def _undo(self, context: RequestContext, new: NewInstance) -> Callable[[], bool]:
        return functools.partial(
            self.instance_discard, new.uuid, str(context.request_id)
        )

    @question
    def instance_discard(self, instance_uuid: str, request_id: str) -> bool:
        """Take back a server whose CREATE could not be delivered, room and record too.

        One for which there was no room is taken back as well: nobody is to build it.

        Returns:
            False when a host is already building it.
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
                    vm_state=VMState.DELETED,
                    task_state=None,
                    claim_request_id=None,
                    admin_password=None,
                    deleted=True,
                    deleted_at=utcnow(),
                    updated_at=utcnow(),
                )
            )
            if gone.rowcount != 1:
                return False
            hosts.give_back(connection, instance_uuid)
            records.fail_action(connection, instance_uuid, request_id)
        return True

    @question
    def instance_get(
        self,
        instance_uuid: str,
        project_id: str | None = None,
        *,
        deleted_too: bool = False,
    ) -> Instance | None:
        """Read one server.

        Args:
            project_id: whose server it must be; None asks for anybody's.
            deleted_too: whether a deleted one is found.
        """
        with self._read() as connection:
            return _get(connection, instance_uuid, project_id, deleted_too=deleted_too)

    @question
    def instance_list(
        self, wanted: InstanceFilter, limit: int, after: str | None = None
    ) -> list[Instance]:
        """A page of servers, beginning behind the one with the uuid ``after``."""
        query = instance_search.page(wanted, limit, after)
        with self._read() as connection:
            found = _matching(connection, query, wanted)
            faults = rows.newest_faults(connection, _with_fault(found))
        return [rows.to_instance(row, faults.get(row.uuid)) for row in found]

    @question
    def instances_on(self, host: str) -> list[Instance]:
        """Every server that lives on a host."""
        query = sa.select(*rows.INSTANCE).where(instances.c.host == host, rows.LIVING)
        with self._read() as connection:
            return [rows.to_instance(row) for row in connection.execute(query)]

    @question
    def instances_unfinished(self, host: str, older_than: float) -> list[Instance]:
        """The claimed servers of a host, oldest claim first.

        Args:
            older_than: seconds since a claim was taken that no host has started; 0
                asks for all.
        """
        query = (
            sa.select(
                *rows.INSTANCE, instances.c.claimed_at, utcnow().label("database_now")
            )
            .where(
                instances.c.host == host,
                rows.LIVING,
                instances.c.task_state.is_not(None),
            )
            .order_by(instances.c.claimed_at, instances.c.id)
        )
        age = datetime.timedelta(seconds=older_than)
        with self._read() as connection:
            return [
                rows.to_instance(row)
                for row in connection.execute(query)
                if row.claim_started_at is not None
                or row.database_now - row.claimed_at >= age
            ]

    @question
    def instance_set_power_state(
        self, instance: Instance, power_state: PowerState
    ) -> bool:
        """Store what the hypervisor says, unless an action holds the server by now."""
        with self._write() as connection:
            stored = connection.execute(
                sa.update(instances)
                .where(
                    instances.c.uuid == instance.uuid,
                    instances.c.task_state.is_(None),
                    instances.c.vm_state == instance.vm_state,
                )
                .values(power_state=power_state, updated_at=utcnow())
            )
        return stored.rowcount == 1


def _matching(
    connection: sa.Connection, query: sa.Select[Any], wanted: InstanceFilter
) -> Sequence[sa.Row[Any]]:
    """Run a query; what the database says against an expression is the user's.

    Raises:
        Invalid: the database does not know an expression, or gave it up.
    """
    try:
        return connection.execute(query).all()
    except (oslo_db_exception.DBError, sa.exc.DBAPIError) as error:
        if not wanted.regex or is_away(error):
            raise
        name, value = next(iter(wanted.regex.items()))
        name = "name" if name == "display_name" else name
        raise exception.Invalid(
            f"Invalid input for query parameters {name}. Value: {value}. "
            f"{value!r} is not a 'regex'"
        ) from None


def _with_fault(found: Sequence[sa.Row[Any]]) -> list[str]:
    return [row.uuid for row in found if row.vm_state is VMState.ERROR]


def _get(
    connection: sa.Connection,
    instance_uuid: str,
    project_id: str | None = None,
    *,
    deleted_too: bool = False,
) -> Instance | None:
    query = sa.select(*rows.INSTANCE).where(instances.c.uuid == instance_uuid)
    if not deleted_too:
        query = query.where(rows.LIVING)
    if project_id is not None:
        query = query.where(instances.c.project_id == project_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    faults = rows.newest_faults(connection, _with_fault([row]))
    return rows.to_instance(row, faults.get(row.uuid))


def _insert(
    connection: sa.Connection,
    context: RequestContext,
    new: NewInstance,
    state: dict[str, Any],
) -> None:
    """Insert a server and the record of its CREATE.

    Args:
        state: the columns that tell a server with a host from one without.
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

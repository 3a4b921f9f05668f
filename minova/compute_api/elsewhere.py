# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests for another host, answered as by a Nova that has only one.

Each request is checked as in Nova.  If it is accepted, it is recorded as failed.
"""

from typing import Final

from minova import exception
from minova.compute_api.resizes import COLD_EVENTS, Resizes
from minova.compute_api.server_changes import check_lock, check_state
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects import migration
from minova.objects.instance import Instance
from minova.objects.migration import Migration, MigrationFilter, Refused
from minova.vocabulary.vm_states import VMState

_COLD: Final = Refused(
    action="migrate", events=COLD_EVENTS, migration_type=migration.COLD
)
_EVACUATE: Final = Refused(
    action="evacuate", events=("rebuild_server",), migration_type=migration.EVACUATION
)
_LONGEST: Final = 18
"""Digits of the longest id that a database accepts."""


class Elsewhere:
    _db: Database
    _resizes: Resizes
    _service_down_time: int

    def migrations(
        self, wanted: MigrationFilter, limit: int | None, after: str | None
    ) -> list[Migration]:
        """Return a page of migrations, after the one with the UUID ``after``.

        Raises:
            MigrationMarkerNotFound: there is no migration with that UUID.
        """
        return self._db.migration_list(wanted, limit, after)

    def migration(self, instance: Instance, migration_id: str) -> Migration | None:
        """Return a server's migration, or None if it has no such migration."""
        if not migration_id.isdecimal() or len(migration_id) > _LONGEST:
            return None
        return self._db.migration_get(instance.uuid, int(migration_id))

    def migrate(
        self, context: RequestContext, instance: Instance, host: str | None
    ) -> None:
        """Accept the request, and record that no host was found.

        Raises:
            InstanceIsLocked, ServerInvalidState, InstanceNotReady, ServiceUnavailable:
                nothing was recorded.
            Invalid: ``host`` is unknown, or the server's own.  Nothing was recorded.
        """
        check_lock(context, instance)
        check_state(instance, "migrate", {VMState.ACTIVE, VMState.STOPPED})
        self._resizes.check_host_is_up(instance)
        if host is not None:
            self._check_known(host)
            if host == instance.host:
                raise exception.Invalid(
                    "Cannot migrate to the host where the server exists."
                )
        error = exception.NoValidHostForMigration()
        self._resizes.has_no_host(context, instance, _COLD, error)

    def migrate_live(
        self,
        context: RequestContext,
        instance: Instance,
        host: str | None,
        *,
        waits: bool,
    ) -> None:
        """Record that no host was found.

        Args:
            waits: whether the request waits for its outcome, as before 2.34.

        Raises:
            InstanceIsLocked, ServerInvalidState, InstanceNotReady: nothing was
                recorded.
            Invalid: there is no such host.  If the request waits, also with the
                recorded error.
        """
        check_lock(context, instance)
        check_state(instance, "os-migrateLive", {VMState.ACTIVE, VMState.PAUSED})
        if instance.host is None:
            raise exception.InstanceNotReady(instance.uuid)
        error: exception.MinovaError = exception.NotEnoughHosts()
        if host is not None:
            self._check_known(host)
            if host == instance.host:
                error = exception.UnableToMigrateToSelf(instance.uuid, host)
        event = "migrate_server" if waits else "live_migrate_instance"
        refused = Refused(
            action="live-migration",
            events=(f"conductor_{event}",),
            migration_type=migration.LIVE,
        )
        self._resizes.has_no_host(context, instance, refused, error)
        if waits:
            raise exception.Invalid(str(error))

    def evacuate(
        self, context: RequestContext, instance: Instance, host: str | None
    ) -> None:
        """Refuse an evacuation while the server's host is up.

        Otherwise accept it, and record that no host was found.

        Raises:
            ComputeHostToEvacuateNotFound: there is no host named ``host``.
            Invalid: ``host`` is the server's own, or the server's host is up.
            ServerInvalidState: the server cannot be rebuilt from its state.
            InstanceNotReady: the server has no host.
        """
        if host is not None:
            if not self._is_known(host):
                raise exception.ComputeHostToEvacuateNotFound(host)
            if host == instance.host:
                raise exception.Invalid("The target host can't be the same one.")
        allowed = {VMState.ACTIVE, VMState.STOPPED, VMState.ERROR}
        if instance.vm_state not in allowed:
            raise exception.ServerInvalidState("evacuate", instance)
        if instance.launched_at is None:
            raise exception.ServerInvalidState("evacuate", instance, None)
        try:
            self._resizes.check_host_is_up(instance)
        except exception.ServiceUnavailable:
            error = exception.NotEnoughHosts()
            self._resizes.has_no_host(context, instance, _EVACUATE, error)
        else:
            raise exception.Invalid(
                f"Compute service of {instance.host} is still in use."
            )

    def _check_known(self, host: str) -> None:
        if not self._is_known(host):
            raise exception.Invalid(str(exception.ComputeHostNotFound(host)))

    def _is_known(self, host: str) -> bool:
        return bool(self._db.service_list(self._service_down_time, [host]))

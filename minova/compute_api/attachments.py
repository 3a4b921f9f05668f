# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests that need Neutron, Cinder or live migration, which minova does not have.

Each request gets as far as in a Nova whose catalog lists neither service.
"""

from typing import Final, NoReturn

from keystoneauth1 import exceptions as keystoneauth_exceptions
from oslo_log import log as logging

from minova import exception, failures
from minova.compute_api.server_changes import check_lock, check_state
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.vocabulary.vm_states import VMState

LOG = logging.getLogger("minova.compute.api")

NETWORK: Final = "network"
VOLUME: Final = "volumev3"

_ENDPOINTS: Final = {
    NETWORK: "['internal', 'public'] endpoint for network service not found",
    VOLUME: "publicURL endpoint for volumev3 service not found",
}
_WITH_PORTS: Final = frozenset({VMState.ACTIVE, VMState.PAUSED, VMState.STOPPED})


class Attachments:
    _db: Database
    _host: str
    _has_catalog: bool

    def ask(self, service: str) -> NoReturn:
        """Raise NotInCatalog, because minova's catalog has no such service."""
        raise exception.NotInCatalog(self._no_endpoint(service))

    def _no_endpoint(self, service: str) -> keystoneauth_exceptions.CatalogException:
        if self._has_catalog:
            return keystoneauth_exceptions.EndpointNotFound(_ENDPOINTS[service])
        return keystoneauth_exceptions.EmptyCatalog("The service catalog is empty.")

    def change_fixed_ips(self, context: RequestContext, instance: Instance) -> None:
        """Accept the request, and do nothing: in Nova the host would fail silently.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
        """
        check_lock(context, instance)
        LOG.warning(
            "No fixed IP was added or removed: there is no Neutron to ask",
            instance_uuid=instance.uuid,
        )

    def add_floating_ip(
        self, instance: Instance, address: str, fixed_address: str | None
    ) -> NoReturn:
        """Refuse.

        Raises:
            Invalid: always, with the first error that Nova would find.
        """
        nics = instance.network_info
        if not nics:
            raise exception.Invalid("Instance network is not ready yet")
        addresses = [nic["address"] for nic in nics]
        if fixed_address and fixed_address not in addresses:
            raise exception.Invalid("Specified fixed address not assigned to instance")
        fixed = fixed_address or addresses[0]
        raise exception.Invalid(
            f"Unable to associate floating IP {address} to fixed IP {fixed} for "
            f"instance {instance.uuid}. Error: {self._no_endpoint(NETWORK)}"
        )

    def attach_interface(self, context: RequestContext, instance: Instance) -> NoReturn:
        """Record the request as failed, and raise its error.

        Raises:
            InstanceIsLocked, ServerInvalidState: nothing was recorded.
            NotInCatalog: in all other cases.
        """
        check_lock(context, instance)
        check_state(instance, "attach_interface", _WITH_PORTS)
        error = exception.NotInCatalog(self._no_endpoint(NETWORK))
        self._put_on_record(context, instance, "attach_interface", error)
        raise error

    def detach_interface(
        self, context: RequestContext, instance: Instance, port_id: str
    ) -> None:
        """Accept the request, and record that the server has no such port.

        Raises:
            InstanceIsLocked, ServerInvalidState: nothing was recorded.
        """
        check_lock(context, instance)
        check_state(instance, "detach_interface", _WITH_PORTS)
        error = exception.NotFound(f"Port {port_id} is not attached")
        self._put_on_record(context, instance, "detach_interface", error)

    def _put_on_record(
        self,
        context: RequestContext,
        instance: Instance,
        name: str,
        error: exception.MinovaError,
    ) -> None:
        failure = failures.describe(error)
        self._db.instance_record_failure(
            context, instance.uuid, name, failure, self._host
        )

    def attach_volume(self, context: RequestContext, instance: Instance) -> NoReturn:
        """Fail.

        Raises:
            InstanceIsLocked, ServerInvalidState: checked before Cinder is asked.
            NotInCatalog: in all other cases.
        """
        check_lock(context, instance)
        check_state(instance, "attach_volume", _WITH_PORTS)
        self.ask(VOLUME)

    def force_complete_live_migration(
        self, context: RequestContext, instance: Instance
    ) -> NoReturn:
        """Refuse.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
            ServerInvalidState: in all other cases, because the server does not migrate.
        """
        check_lock(context, instance)
        check_state(instance, "force_complete", frozenset({VMState.ACTIVE}))
        raise exception.ServerInvalidState("force_complete", instance, "task_state")

    def abort_live_migration(
        self, context: RequestContext, instance: Instance
    ) -> NoReturn:
        """Refuse.

        Raises:
            ServerInvalidState: always.  As in Nova, a locked server gets this error
                too.
        """
        locked = instance.locked and not context.is_admin
        attr = None if locked else "task_state"
        raise exception.ServerInvalidState("abort live migration", instance, attr)

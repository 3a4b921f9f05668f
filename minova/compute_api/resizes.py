# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-api checks before a resize, its confirm and its revert, in Nova's order."""

from typing import Final

from oslo_log import log as logging

from minova import exception, failures
from minova.compute_api.preparations import Asked, Prepared
from minova.compute_api.projects.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.images import ImageSource, bootable
from minova.objects import migration
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.migration import Migration, NewSize, Refused
from minova.vocabulary.instance_actions import RESIZE, Action

LOG = logging.getLogger("minova.compute.api")

COLD_EVENTS: Final = ("conductor_migrate_server", "cold_migrate")


class Resizes:
    def __init__(
        self,
        db: Database,
        images: ImageSource,
        quotas: Quotas,
        service_down_time: int,
        *,
        host: str,
        to_same_host: bool,
    ) -> None:
        """Make the preparations.

        Args:
            host: the name of this machine, for records of what n-api did itself.
            to_same_host: whether a server may be resized on its own host.
        """
        self._db = db
        self._images = images
        self._quotas = quotas
        self._service_down_time = service_down_time
        self._host = host
        self._to_same_host = to_same_host

    def resize(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        asked: Asked,
    ) -> Prepared:
        """Check the new flavor, and that the server's image fits it.

        Raises:
            InstanceInvalidState, InstanceNotReady, ServiceUnavailable: checked first.
            Invalid: there is no such flavor, or the server cannot have it.
        """
        self._check(instance, action)
        self.check_host_is_up(instance)
        flavorid = str((asked or {})["flavorRef"])
        flavor = self._db.flavor_get(flavorid)
        if flavor is None:
            raise exception.Invalid(str(exception.FlavorNotFound(flavorid)))
        if instance.flavor.root_gb and not flavor.root_gb:
            raise exception.CannotResizeDisk(
                "Resize to zero disk flavor is not allowed."
            )
        if flavor.disabled:
            raise exception.Invalid(str(exception.FlavorNotFound(flavorid)))
        if flavor.flavorid == instance.flavor.flavorid:
            raise exception.CannotResizeToSameFlavor
        self._check_image(context, instance, flavor)
        size = NewSize(
            flavor=flavor,
            project_id=instance.project_id,
            user_id=instance.user_id,
            quota=self._quotas.of(instance),
            may_stay=self._to_same_host,
            down_time=self._service_down_time,
            disk_config=(asked or {}).get("OS-DCF:diskConfig"),
        )
        return Prepared(arguments={"flavor": flavor.to_dict()}, size=size)

    def confirm(
        self,
        _context: RequestContext,
        instance: Instance,
        action: Action,
        _asked: Asked,
    ) -> Prepared:
        """Find the server's state after the confirm.

        Raises:
            InstanceInvalidState, ServiceUnavailable: its state or its host forbids it.
            Invalid: the server has not been resized.
        """
        self._check(instance, action)
        resized = self._unconfirmed(instance)
        self.check_host_is_up(instance)
        return Prepared(migration.kept_of_confirm(resized, instance.power_state))

    def revert(
        self,
        _context: RequestContext,
        instance: Instance,
        action: Action,
        _asked: Asked,
    ) -> Prepared:
        """Find the state and the flavor that the server had before.

        Raises:
            InstanceInvalidState: checked first.
            Invalid: the server has not been resized.
        """
        self._check(instance, action)
        former = self._unconfirmed(instance)
        return Prepared(
            arguments={
                "vm_state": former.old_vm_state,
                "flavor": former.old_flavor.to_dict(),
            }
        )

    def has_no_host(
        self,
        context: RequestContext,
        instance: Instance,
        refused: Refused,
        error: exception.MinovaError,
    ) -> None:
        """Record, as in Nova, that an accepted request found no host."""
        LOG.warning("%s", error, instance_uuid=instance.uuid)
        self._db.move_refuse(
            context, instance, refused, failures.describe(error), self._host
        )

    def check_host_is_up(self, instance: Instance) -> None:
        """Raise InstanceNotReady without a host, ServiceUnavailable if that is down."""
        if instance.host is None:
            raise exception.InstanceNotReady(instance.uuid)
        services = self._db.service_list(self._service_down_time, [instance.host])
        if not any(service.alive for service in services):
            raise exception.ServiceUnavailable

    def _check(self, instance: Instance, action: Action) -> None:
        may_start = action.may_start(instance.vm_state, instance.task_state)
        if not may_start or instance.launched_at is None:
            raise exception.InstanceInvalidState(action, instance)

    def _unconfirmed(self, instance: Instance) -> Migration:
        found = self._db.migration_unconfirmed(instance.uuid)
        if found is None:
            raise exception.Invalid("Instance has not been resized.")
        return found

    def _check_image(
        self, context: RequestContext, instance: Instance, flavor: Flavor
    ) -> None:
        """Check the image, unless it is deleted.  The server's disk is a copy of it."""
        try:
            image = self._images.get(context, instance.image_ref)
        except exception.ImageNotFound:
            return
        bootable.check_size(image, flavor)


def refused(kept: Asked) -> Refused:
    """Describe a resize that found no host, from the arguments of its claim."""
    assert kept is not None
    return Refused(
        action=RESIZE.name,
        events=COLD_EVENTS,
        migration_type=migration.RESIZE,
        flavor=Flavor.from_dict(kept["flavor"]),
    )

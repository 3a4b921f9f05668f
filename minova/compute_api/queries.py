# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a request may read: rows, images, and what a host knows of its guests."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception
from minova.compute_api.rpcapi import ComputeAPI
from minova.context import RequestContext
from minova.db.api import Database
from minova.images import ImageSource
from minova.objects.action_record import ActionRecord
from minova.objects.diagnostics import Diagnostics
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState

LOG = logging.getLogger("minova.compute.api")

# Nova's words (nova.compute.power_state.STATE_MAP).
_POWER_STATES: Final = {
    PowerState.PAUSED: "paused",
    PowerState.SHUTDOWN: "shutdown",
    PowerState.CRASHED: "crashed",
    PowerState.SUSPENDED: "suspended",
}


class Queries:
    """The part of the compute API that changes nothing."""

    _db: Database
    _rpcapi: ComputeAPI
    _images: ImageSource
    _service_down_time: int

    def get(
        self,
        context: RequestContext,
        instance_uuid: str,
        *,
        deleted_too: bool = False,
    ) -> Instance:
        """Read a server the caller may know of: an admin any, others their project's.

        Raises:
            InstanceNotFound: it does not exist, or is another project's.
        """
        project_id = None if context.is_admin else context.project_id
        return self._get(instance_uuid, project_id, deleted_too=deleted_too)

    def get_any(self, instance_uuid: str) -> Instance:
        """Read a server of whichever project, for another service.

        Raises:
            InstanceNotFound: it does not exist.
        """
        return self._get(instance_uuid, None)

    def _get(
        self, instance_uuid: str, project_id: str | None, *, deleted_too: bool = False
    ) -> Instance:
        if uuidutils.is_uuid_like(instance_uuid):
            LOG.debug("Fetching instance by UUID", instance_uuid=instance_uuid)
            instance = self._db.instance_get(
                instance_uuid, project_id, deleted_too=deleted_too
            )
            if instance is not None:
                return instance
        raise exception.InstanceNotFound(instance_uuid)

    def get_all(
        self, wanted: InstanceFilter, limit: int, marker: str | None
    ) -> list[Instance]:
        """A page of servers.

        The marker may be deleted: it may have been meanwhile.

        Raises:
            MarkerNotFound: the marker is no server that the filter's project has.
        """
        if marker is not None:
            after = self._db.instance_get(marker, wanted.project_id, deleted_too=True)
            if after is None:
                raise exception.MarkerNotFound(marker)
        if limit == 0:
            return []
        return self._db.instance_list(wanted, limit, marker)

    def tags_of(self, instances: Sequence[Instance]) -> Mapping[str, Sequence[str]]:
        """The tags of each of these servers that has some."""
        living = [instance.uuid for instance in instances if not instance.deleted]
        return self._db.tags_of(living)

    def server_groups_of(
        self, context: RequestContext, instance: Instance
    ) -> list[str]:
        """The UUID of a server's group, if it has one that the caller may know of."""
        project_id = None if context.is_admin else context.project_id
        found = self._db.server_group_of(instance.uuid, project_id)
        return [] if found is None else [found]

    def host_statuses(self, hosts: Collection[str]) -> dict[str, str]:
        """Of each of these compute hosts what ``host_status`` says of its servers.

        A name that is no host is left out.
        """
        return {
            service.host: "DOWN"
            if service.forced_down
            else "MAINTENANCE"
            if service.disabled
            else "UP"
            if service.alive
            else "UNKNOWN"
            for service in self._db.service_list(self._service_down_time, hosts)
        }

    def get_console_output(
        self, context: RequestContext, instance: Instance, tail: int | None
    ) -> str:
        """The last ``tail`` lines of a server's console; None asks for all.

        Raises:
            InstanceNotReady: it has no host, or is still being built.
            ConsoleNotAvailable: the guest has none.
            BrokerUnavailable: RabbitMQ is known to be away.
            ComputeHostUnreachable: the host does not answer.
        """
        if instance.host is None or instance.task_state is TaskState.SPAWNING:
            raise exception.InstanceNotReady(instance.uuid)
        output = self._rpcapi.get_console_output(
            context, instance.host, instance.uuid, tail
        )
        if output is None:
            raise exception.ConsoleNotAvailable
        return output

    def get_diagnostics(
        self, context: RequestContext, instance: Instance
    ) -> Diagnostics:
        """What the hypervisor counts of a server.

        Raises:
            NoDiagnostics: its guest does not run.
            InstanceNotReady: it has no host, or no guest there after all.
            ComputeHostUnreachable: the host does not answer.
        """
        if instance.host is None:
            raise exception.InstanceNotReady(instance.uuid)
        if instance.power_state is not PowerState.RUNNING:
            state = _POWER_STATES.get(instance.power_state, "pending")
            raise exception.NoDiagnostics(instance.uuid, state)
        found = self._rpcapi.get_diagnostics(context, instance.host, instance.uuid)
        if found is None:
            raise exception.InstanceNotReady(instance.uuid)
        return found

    def action_list(
        self,
        instance: Instance,
        limit: int | None = None,
        marker: str | None = None,
        *,
        changes_since: datetime.datetime | None = None,
        changes_before: datetime.datetime | None = None,
    ) -> list[ActionRecord]:
        """A page of what was accepted for a server, newest first.

        Raises:
            ActionMarkerNotFound: the marker is no request for this server.
        """
        if marker is not None and self._db.action_get(instance.uuid, marker) is None:
            raise exception.ActionMarkerNotFound
        return self._db.action_list(
            instance.uuid,
            limit=limit,
            after=marker,
            changes_since=changes_since,
            changes_before=changes_before,
        )

    def action_get(self, instance: Instance, request_id: str) -> ActionRecord:
        """One accepted request with its events.

        Raises:
            ActionNotFound: no such request for this server.
        """
        record = self._db.action_get(instance.uuid, request_id)
        if record is None:
            raise exception.ActionNotFound(request_id)
        return record

    def image_get(self, context: RequestContext, image_id: str) -> Image:
        """Find an image.

        Raises:
            ImageNotFound: the caller can see no such image.
            GlanceConnectionFailed: they are a Glance's, and it does not answer.
        """
        return self._images.get(context, image_id)

    def image_list(self, context: RequestContext) -> list[Image]:
        """Every image that the caller may know of, by name.

        Raises:
            GlanceConnectionFailed: they are a Glance's, and it does not answer.
        """
        return self._images.list(context)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Read-only requests: servers, actions, images, consoles and diagnostics."""

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
        """Read a server.  Only an admin can see servers of other projects.

        Raises:
            InstanceNotFound: it does not exist, or the caller cannot see it.
        """
        project_id = None if context.is_admin else context.project_id
        return self._get(instance_uuid, project_id, deleted_too=deleted_too)

    def get_any(self, instance_uuid: str) -> Instance:
        """Read a server of any project, for another service.

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
        """Return a page of servers.

        The marker may have been deleted since the page before.

        Raises:
            MarkerNotFound: the filter's project never had such a server.
        """
        if marker is not None:
            after = self._db.instance_get(marker, wanted.project_id, deleted_too=True)
            if after is None:
                raise exception.MarkerNotFound(marker)
        if limit == 0:
            return []
        return self._db.instance_list(wanted, limit, marker)

    def tags_of(self, instances: Sequence[Instance]) -> Mapping[str, Sequence[str]]:
        """Return the tags by server.  Servers without tags are left out."""
        living = [instance.uuid for instance in instances if not instance.deleted]
        return self._db.tags_of(living)

    def tags_and_groups_of(
        self, context: RequestContext, instance: Instance
    ) -> tuple[Sequence[str], list[str]]:
        """Return a server's tags, and the UUID of its group, if the caller can see one.

        The server must not be deleted.
        """
        project_id = None if context.is_admin else context.project_id
        tags, group = self._db.tags_and_group_of(instance.uuid, project_id)
        return tags, [] if group is None else [group]

    def host_statuses(self, hosts: Collection[str]) -> dict[str, str]:
        """Return the ``host_status`` of each compute host, without unknown names."""
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
        """Return the last ``tail`` lines of a server's console.  None asks for all.

        Raises:
            InstanceNotReady: the server has no host, or is still being built.
            ConsoleNotAvailable: the guest has no console.
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
        """Return the hypervisor's counters of a server's guest.

        Raises:
            NoDiagnostics: the guest does not run.
            InstanceNotReady: the server has no host, or its host sees no running guest.
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
        """Return a page of a server's accepted requests, newest first.

        Raises:
            ActionMarkerNotFound: the marker is not a request for this server.
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
        """Return an accepted request with its events.

        Raises:
            ActionNotFound: the server has no such request.
        """
        record = self._db.action_get(instance.uuid, request_id)
        if record is None:
            raise exception.ActionNotFound(request_id)
        return record

    def image_get(self, context: RequestContext, image_id: str) -> Image:
        """Find an image.

        Raises:
            ImageNotFound: the caller can see no such image.
            GlanceConnectionFailed: Glance does not answer.
        """
        return self._images.get(context, image_id)

    def image_list(self, context: RequestContext) -> list[Image]:
        """Return every image that the caller can see, sorted by name.

        Raises:
            GlanceConnectionFailed: Glance does not answer.
        """
        return self._images.list(context)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guard, claim, cast: the steps before a request is accepted."""

import dataclasses
import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oslo_log import log as logging

from minova import exception, failures, rpc
from minova.compute_api import resizes, schedule, undelivered
from minova.compute_api.attachments import Attachments
from minova.compute_api.elsewhere import Elsewhere
from minova.compute_api.preparations import (
    NOTHING,
    Preparations,
    Prepare,
    Prepared,
)
from minova.compute_api.projects.quotas import Quotas
from minova.compute_api.queries import Queries
from minova.compute_api.resizes import Resizes
from minova.compute_api.rpcapi import ComputeAPI
from minova.compute_api.server_changes import (
    ServerChanges,
    check_lock,
    check_state,
)
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.claims import Claim
from minova.images import ImageSource
from minova.objects.image import Image
from minova.objects.instance import Instance, NewInstance
from minova.objects.quota import CreateQuota
from minova.vocabulary.instance_actions import (
    CONFIRM_RESIZE,
    CREATE,
    DELETE,
    REBUILD,
    RESCUE,
    RESIZE,
    RESTORE,
    REVERT_RESIZE,
    SOFT_DELETE,
    START,
    STOP,
    Action,
)

LOG = logging.getLogger("minova.compute.api")

_TO_GIVE_BACK: Final = 1.0
"""Seconds that giving back an undelivered claim may take."""
_LOOK_AGAIN: Final = 0.05
"""Seconds between two checks."""


class API(Queries, ServerChanges, Attachments, Elsewhere):
    """The compute API, the only way from the REST resources to servers."""

    def __init__(
        self,
        db: Database,
        rpcapi: ComputeAPI,
        images: ImageSource,
        service_down_time: int,
        quotas: Quotas,
        *,
        host: str,
        has_catalog: bool = False,
        allow_resize_to_same_host: bool = False,
        defers_deletes: bool = False,
    ) -> None:
        """Make the API.

        Args:
            host: the name of this machine, for records of what n-api did itself.
            has_catalog: whether callers bring Keystone's catalog of services.
            allow_resize_to_same_host: if False, a resize finds no host.
            defers_deletes: whether a deleted server can be restored for a while.
        """
        self._db = db
        self._rpcapi = rpcapi
        self._images = images
        self._service_down_time = service_down_time
        self._quotas = quotas
        self._host = host
        self._has_catalog = has_catalog
        self._defers_deletes = defers_deletes
        preparations = Preparations(images, db, quotas)
        self._resizes = Resizes(
            *(db, images, quotas, service_down_time),
            host=host,
            to_same_host=allow_resize_to_same_host,
        )
        self._prepares: Mapping[Action, Prepare] = {
            STOP: preparations.stop_or_start,
            START: preparations.stop_or_start,
            RESCUE: preparations.rescue,
            REBUILD: preparations.rebuild,
            RESIZE: self._resizes.resize,
            CONFIRM_RESIZE: self._resizes.confirm,
            REVERT_RESIZE: self._resizes.revert,
            RESTORE: preparations.restore,
        }

    def close(self) -> None:
        """End the threads that send messages."""
        self._rpcapi.close()

    def create(
        self,
        context: RequestContext,
        asked: Sequence[NewInstance],
        min_count: int = 1,
    ) -> list[Instance]:
        """Insert servers, and cast the build of each to its host.

        Returns:
            The accepted servers: the first of those asked for, at least one.

        Raises:
            BrokerUnavailable: RabbitMQ is known to be away.  Nothing was tried.
            TooManyInstances: the quota has no room for ``min_count`` servers.
            GroupMemberLimitExceeded: the server group has no room for the servers.
            Invalid: the group was deleted meanwhile.
            ComputeHostUnreachable: no cast could be delivered.  There is no server.
        """
        quota = self._quotas.of(context, min_count, len(asked))
        instances: list[Instance] = []
        for new in asked:
            try:
                instances.append(self._create_one(context, new, quota))
                # There was room for min_count servers.  Check each further one alone.
                quota = dataclasses.replace(quota, min_count=1, max_count=1)
            except exception.MinovaError as error:
                if not instances:
                    raise
                LOG.warning(
                    "Created %d of %d servers: %s", len(instances), len(asked), error
                )
                break
        return instances

    def _create_one(
        self, context: RequestContext, new: NewInstance, quota: CreateQuota
    ) -> Instance:
        """Insert a server and cast its build.

        If no host has room, the server is still accepted, as in Nova: in ERROR and with
        a fault.
        """
        with self._rpcapi.reserve() as reservation:
            try:
                instance = self._db.instance_create(
                    context, new, schedule.rank, self._service_down_time, quota
                )
            except exception.NoValidHost as error:
                LOG.warning("%s", error, instance_uuid=new.uuid)
                failure = failures.describe(error)
                return self._db.instance_bury(context, new, failure, self._host, quota)
            assert instance.host is not None
            LOG.debug(
                "Scheduled to host %s and claimed for create",
                instance.host,
                instance_uuid=instance.uuid,
            )
            try:
                self._rpcapi.cast(
                    context, CREATE, instance.host, instance.uuid, reservation
                )
            except exception.ComputeHostUnreachable:
                discard = functools.partial(
                    self._db.instance_discard, instance.uuid, str(context.request_id)
                )
                if not undelivered.stands(discard, CREATE, instance):
                    raise
        return instance

    def accept(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        asked: Mapping[str, Any] | None = None,
    ) -> Prepared:
        """Claim a server for an action and cast the action to its host.

        Args:
            asked: the value of the action's key in the request.

        Returns:
            What was stored with the claim.  The answer may show it.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
            InstanceInvalidState: the action may not start from the server's state, the
                server has no host, or another request was faster.
            InstanceNotFound: deleted meanwhile.
            HostTooOld: the host does not know the action yet.
            TooManyInstances: the quota has no room for the resized or restored server.
            BrokerUnavailable: RabbitMQ is known to be away.  Nothing was claimed.
            ComputeHostUnreachable: the cast could not be delivered.  The claim was
                given back.
        """
        if instance.locked and not context.is_admin:
            raise exception.InstanceIsLocked(instance.uuid)
        prepare = self._prepares.get(action)
        prepared = prepare(context, instance, action, asked) if prepare else NOTHING
        if instance.host is None:
            # No host would perform it, and settling would never find the claim.
            raise exception.InstanceInvalidState(action, instance)
        if not action.may_start(instance.vm_state, instance.task_state):
            # The claim decides.  But a request that it would refuse need not write.
            raise exception.InstanceInvalidState(action, instance)
        self._check_host(action, instance.host)
        with self._rpcapi.reserve() as reservation:
            try:
                claim = self._claim(context, instance, action, prepared)
                self._rpcapi.cast(
                    context, action, instance.host, instance.uuid, reservation
                )
            except exception.ComputeHostUnreachable:
                unclaim = functools.partial(self._db.instance_unclaim, claim)
                if not undelivered.stands(unclaim, action, instance):
                    raise
            except exception.NoValidHost as error:
                refused = resizes.refused(prepared.arguments)
                self._resizes.has_no_host(context, instance, refused, error)
        return prepared

    def _check_host(self, action: Action, host: str) -> None:
        """Raise HostTooOld if the host's older version would drop the message."""
        if action.rpc_version == ComputeAPI.FIRST_VERSION:
            return
        if not rpc.understands(self._db.service_rpc_version(host), action.rpc_version):
            LOG.warning("n-cpu on %s is too old for %s", host, action.rpc_method)
            raise exception.HostTooOld(action.name)

    def _outcome_of_other_delete(
        self, instance: Instance, action: Action
    ) -> Instance | None:
        """Wait until it is known whether an earlier delete was accepted.

        The cast of the earlier delete may still fail.  Its claim is then given back.
        If this delete had been answered 204 before that, nobody would delete the
        server.  The outcome is known when the host has started the claim, or when the
        time for a cast is over.

        Returns:
            The server as it is now if the earlier claim was given back, else None.
        """
        within = self._rpcapi.delivery_timeout + _TO_GIVE_BACK
        while self._db.instance_is_claimed_lately(instance.uuid, action, within):
            time.sleep(_LOOK_AGAIN)
        now = self._db.instance_get(instance.uuid)
        return now if now and now.task_state not in action.spares else None

    def _claim(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        prepared: Prepared,
    ) -> Claim:
        claim = self._db.instance_claim(
            context, instance.uuid, action, **prepared._asdict()
        )
        if claim is None:
            now = self._db.instance_get(instance.uuid)
            if now is None:
                raise exception.InstanceNotFound(instance.uuid)
            raise exception.InstanceInvalidState(action, now)
        LOG.debug(
            "Claimed for %s: vm_state %s, task_state %s -> %s",
            *(action.name, instance.vm_state),
            *(claim.former["task_state"], action.task_state),
            instance_uuid=instance.uuid,
        )
        return claim

    def image_set_properties(
        self, context: RequestContext, image_id: str, properties: Mapping[str, Any]
    ) -> Image:
        """Replace all properties of an image, and return the changed image.

        Raises:
            ImageNotFound: the caller can see no such image.
            ImageNotAuthorized: the caller may not change it, or it is in a folder.
            Invalid: a property is not valid.
            GlanceConnectionFailed: Glance does not answer.
        """
        return self._images.set_properties(context, image_id, properties)

    def image_delete(self, context: RequestContext, image_id: str) -> None:
        """Remove an image.

        Raises:
            ImageNotFound, ImageNotAuthorized, GlanceConnectionFailed: as above.
            ImageDeleteConflict: it is in use.
        """
        self._images.delete(context, image_id)

    def restore(self, context: RequestContext, instance: Instance) -> None:
        """Restore a soft-deleted server.

        Raises:
            ServerInvalidState: the server is not soft-deleted.  As in Nova, a locked
                server gets this error too.
            TooManyInstances: its owner's quota has no room for it.
            InstanceInvalidState, and so on: as ``accept``.
        """
        if instance.locked and not context.is_admin:
            raise exception.ServerInvalidState(RESTORE.name, instance, None)
        # As in Nova, the state is checked before the quota.
        check_state(instance, RESTORE.name, RESTORE.vm_states)
        self.accept(context, instance, RESTORE)

    def delete(self, context: RequestContext, instance: Instance) -> None:
        """Delete a server in any state.

        If deletes are deferred, a server that ever ran can be restored for a while.
        The errors are those of ``force_delete``.
        """
        check_lock(context, instance)
        if self._defers_deletes and instance.launched_at is not None:
            words, action = "soft delete", SOFT_DELETE
        else:
            words, action = "terminate", DELETE
        LOG.debug("Going to try to %s instance", words, instance_uuid=instance.uuid)
        self._end(context, instance, action)

    def force_delete(self, context: RequestContext, instance: Instance) -> None:
        """Delete a server in any state.  It cannot be restored.

        If the server is being deleted already, nothing changes.  A server without a
        host is gone before the answer.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
            InstanceNotFound: another request deleted it first.
            BrokerUnavailable: RabbitMQ is known to be away.
            ComputeHostUnreachable: the cast could not be delivered.  Nothing changed.
        """
        check_lock(context, instance)
        self._end(context, instance, DELETE)

    def _end(self, context: RequestContext, instance: Instance, action: Action) -> None:
        if instance.host is None:
            if not self._db.instance_delete_unplaced(context, instance.uuid):
                raise exception.InstanceNotFound(instance.uuid)
            return
        try:
            self.accept(context, instance, action)
        except exception.InstanceInvalidState:
            left = self._outcome_of_other_delete(instance, action)
            if left is not None:
                self._end(context, left, action)
                return
            LOG.info(
                "Instance is already in deleting state, ignoring this request",
                instance_uuid=instance.uuid,
            )

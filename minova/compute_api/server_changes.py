# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a server that need no host: no claim, no cast."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

from oslo_log import log as logging
from oslo_utils import strutils

from minova import exception, failures
from minova.compute_api.projects.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.objects.quota import UNLIMITED
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import CHANGEABLE, VMState

LOG = logging.getLogger("minova.compute.api")

MAX_TAGS: Final = 50
_OWNER: Final = "owner"
_ADMIN: Final = "admin"


class ServerChanges:
    _db: Database
    _quotas: Quotas
    _host: str

    def update(self, instance: Instance, changes: Mapping[str, Any]) -> Instance:
        """Change columns such as the name, and return the changed server.

        Raises:
            PinnedAlready: the server is pinned to another zone.
            PinnedElsewhere: the server is not in the zone that it would be pinned to.
            InstanceNotFound: deleted meanwhile.
        """
        zone = changes.get("pinned_availability_zone")
        pinned = instance.pinned_availability_zone
        if zone is not None and pinned not in (None, zone):
            raise exception.PinnedAlready
        if zone is not None and zone != instance.availability_zone:
            raise exception.PinnedElsewhere(instance.availability_zone, zone)
        updated = self._db.instance_update(instance.uuid, changes)
        if updated is None:
            raise exception.InstanceNotFound(instance.uuid)
        return updated

    def update_metadata(
        self,
        context: RequestContext,
        instance: Instance,
        items: Mapping[str, str],
        *,
        replace: bool = False,
    ) -> Mapping[str, str]:
        """Add metadata items, or replace all of them, and return the result.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
            ServerInvalidState: the server is being built, or in ERROR, for example.
            MetadataLimitExceeded: more items than the project's quota allows.
        """
        limit = self._quotas.limits(instance.project_id)["metadata_items"]

        def merge(former: Mapping[str, str]) -> Mapping[str, str]:
            merged = {**({} if replace else former), **items}
            if limit != UNLIMITED and len(merged) > limit:
                raise exception.MetadataLimitExceeded(limit)
            return merged

        check_lock(context, instance)
        changed = self._db.instance_metadata_change(instance.uuid, CHANGEABLE, merge)
        if changed is None:
            raise exception.ServerInvalidState("update metadata", instance)
        return changed

    def delete_metadata_item(
        self, context: RequestContext, instance: Instance, key: str
    ) -> None:
        """Remove one metadata item.

        Raises:
            MetadataItemNotFound: no item has that name.
            InstanceIsLocked, ServerInvalidState: as above.
        """

        def without(former: Mapping[str, str]) -> Mapping[str, str]:
            if key not in former:
                raise exception.MetadataItemNotFound
            return {name: value for name, value in former.items() if name != key}

        if key not in instance.metadata:
            raise exception.MetadataItemNotFound
        check_lock(context, instance)
        # Nova removes it from another table, so the server's updated_at stays.
        changed = self._db.instance_metadata_change(
            instance.uuid, CHANGEABLE, without, updates=False
        )
        if changed is None:
            raise exception.ServerInvalidState("delete metadata", instance)

    def lock(
        self, context: RequestContext, instance: Instance, reason: str | None
    ) -> None:
        """Keep everybody but admins from acting on a server.

        A lock by the owner changes nothing if the server is locked already.  A lock by
        an admin without a reason keeps the earlier reason.

        Raises:
            InstanceNotFound: deleted meanwhile.
        """
        by = _hand_of(context, instance)
        if instance.locked and by == _OWNER:
            return
        LOG.debug("Locking", instance_uuid=instance.uuid)
        if not self._db.instance_lock(context, instance.uuid, by, reason, self._host):
            raise exception.InstanceNotFound(instance.uuid)

    def is_lock_of_others(self, context: RequestContext, instance: Instance) -> bool:
        """Whether an admin locked it and the owner asks, or the reverse."""
        by = instance.locked_by
        return by is not None and by != _hand_of(context, instance)

    def unlock(self, context: RequestContext, instance: Instance) -> None:
        """Let the owner act on the server again.

        Raises:
            InstanceNotFound: deleted meanwhile.
        """
        LOG.debug("Unlocking", instance_uuid=instance.uuid)
        if not self._db.instance_lock(context, instance.uuid, None, None, self._host):
            raise exception.InstanceNotFound(instance.uuid)

    def reset_state(
        self, context: RequestContext, instance: Instance, vm_state: VMState
    ) -> None:
        """Set the state by hand, and end the action in progress.

        Raises:
            InstanceNotFound: deleted meanwhile.
        """
        LOG.warning(
            "An administrator resets the state to %s from vm_state %s, task_state %s",
            vm_state,
            instance.vm_state,
            instance.task_state,
            instance_uuid=instance.uuid,
        )
        if not self._db.instance_reset_state(context, instance.uuid, vm_state):
            raise exception.InstanceNotFound(instance.uuid)

    def inject_network_info(self, context: RequestContext, instance: Instance) -> None:
        """Do nothing: no guest reads its network settings from files.

        Raises:
            InstanceIsLocked: locked, and the caller is not an admin.
        """
        check_lock(context, instance)

    def change_password(self, context: RequestContext, instance: Instance) -> NoReturn:
        """Record a failure and raise it, as Nova does for a guest without an agent.

        The password itself is neither used nor stored.

        Raises:
            ServerInvalidState: nothing was recorded.  As in Nova, a locked server gets
                this error too.
            InstancePasswordSetFailed: the guest does not run.
            InstanceAgentNotEnabled: the image does not say that the guest has an agent.
            GuestAgentSilent: in all other cases.
        """
        if instance.locked and not context.is_admin:
            raise exception.ServerInvalidState("changePassword", instance, None)
        check_state(instance, "changePassword", frozenset({VMState.ACTIVE}))
        error = _why_no_password(instance)
        self._db.instance_record_failure(
            *(context, instance.uuid, "changePassword"),
            *(failures.describe(error), self._host),
            event="compute_set_admin_password",
        )
        raise error

    def tags_of_one(self, instance: Instance) -> list[str]:
        return list(self._db.tags_of([instance.uuid]).get(instance.uuid, ()))

    def set_tags(self, instance: Instance, tags: Collection[str]) -> None:
        """Replace all tags.

        Raises:
            ServerInvalidState: tags cannot be changed now.  The methods below raise it
                too.
        """
        _check_changeable(instance, "update tags")
        self._db.tags_set(instance.uuid, set(tags))

    def add_tag(self, instance: Instance, tag: str) -> bool:
        """Add a tag, and return whether it is new.

        Raises:
            Invalid: the server has ``MAX_TAGS`` tags already.
        """
        _check_changeable(instance, "update tag")
        new = self._db.tag_add(instance.uuid, tag, MAX_TAGS)
        if new is None:
            raise exception.Invalid(
                f"The number of tags exceeded the per-server limit {MAX_TAGS}"
            )
        return new

    def remove_tag(self, instance: Instance, tag: str) -> None:
        """Remove a tag, or raise InstanceTagNotFound if the server does not have it."""
        _check_changeable(instance, "delete tag")
        if not self._db.tag_remove(instance.uuid, tag):
            raise exception.InstanceTagNotFound(instance.uuid, tag)

    def remove_tags(self, instance: Instance) -> None:
        _check_changeable(instance, "delete tags")
        self._db.tags_set(instance.uuid, ())


def check_lock(context: RequestContext, instance: Instance) -> None:
    """Raise InstanceIsLocked if the server is locked and the caller is not an admin."""
    if instance.locked and not context.is_admin:
        raise exception.InstanceIsLocked(instance.uuid)


def check_state(instance: Instance, verb: str, vm_states: Collection[VMState]) -> None:
    """Check that the server is in one of these states, has run, and has no task."""
    if instance.vm_state not in vm_states:
        raise exception.ServerInvalidState(verb, instance)
    if instance.task_state is not None:
        raise exception.ServerInvalidState(verb, instance, "task_state")
    if instance.launched_at is None:
        raise exception.ServerInvalidState(verb, instance, None)


def _why_no_password(instance: Instance) -> exception.MinovaError:
    if instance.power_state is not PowerState.RUNNING:
        reason = f"instance {instance.uuid} is not running"
        return exception.InstancePasswordSetFailed(instance.uuid, reason)
    said = (instance.image_properties or {}).get("hw_qemu_guest_agent")
    if not strutils.bool_from_string(said):
        return exception.InstanceAgentNotEnabled()
    return exception.GuestAgentSilent()


def _check_changeable(instance: Instance, verb: str) -> None:
    if instance.vm_state not in CHANGEABLE:
        raise exception.ServerInvalidState(verb, instance)


def _hand_of(context: RequestContext, instance: Instance) -> str:
    return _OWNER if context.project_id == instance.project_id else _ADMIN

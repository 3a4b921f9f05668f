# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""All errors, by kind.  Only ``api/front/errors.py`` maps a kind to an HTTP status."""

from collections.abc import Sequence

from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action


class MinovaError(Exception):
    """An error that one sentence can explain to a caller, on either side of the queue.

    Attributes:
        msg_fmt: the sentence; the exception's arguments replace each ``%s``.
    """

    msg_fmt = "%s"

    def __init__(self, *said: object) -> None:
        super().__init__(self.msg_fmt % said)


class Invalid(MinovaError):
    """The request is wrong, and stays wrong if it is repeated."""


class Forbidden(MinovaError):
    """The caller is not allowed to do this."""


class NotFound(MinovaError):
    """The thing does not exist, or the caller may not know of it."""


class Conflict(MinovaError):
    """The request is valid, but not in the current state."""


class Unavailable(MinovaError):
    """Something that minova needs is away.  Nothing changed; the caller may retry."""


class Unsupported(MinovaError):
    """No driver here supports this."""

    msg_fmt = "The requested functionality is not supported."


class NotInCatalog(MinovaError):
    """The catalog has no service for this request; the text is Nova's.

    Args:
        error: the error that keystoneauth raises in this case.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(
            "Unexpected API Error. Please report this at "
            "http://bugs.launchpad.net/nova/ and attach the Nova API log if possible."
            f"\n{type(error)}"
        )


class MalformedRequestBody(Invalid):
    msg_fmt = "Malformed request body"


class NoSuchAction(Invalid):
    msg_fmt = "There is no such action: %s"


class MarkerNotFound(Invalid):
    msg_fmt = "marker [%s] not found"


class KeypairMarkerNotFound(Invalid):
    msg_fmt = "Marker %s could not be found."


class MigrationMarkerNotFound(Invalid):
    msg_fmt = "Marker %s could not be found."


class UsageMarkerNotFound(KeypairMarkerNotFound):
    """Has the text for keypairs."""


class ActionMarkerNotFound(Invalid):
    """Nova's text, which says None instead of the marker."""

    msg_fmt = "Marker None could not be found."


class ProjectMismatch(Invalid):
    msg_fmt = (
        "Malformed request URL: URL's project_id '%s' doesn't match Context's "
        "project_id '%s'"
    )


class ImageNotFound(NotFound):
    msg_fmt = "Image %s could not be found."


class ProxiedImageNotFound(NotFound):
    """The text of Nova's image proxy, without the id."""

    msg_fmt = "Image not found."


class ImageNotActive(Invalid):
    msg_fmt = "Image %s is not active."


class ImageUnacceptable(Invalid):
    msg_fmt = "Image %s is unacceptable: %s"


class FlavorMemoryTooSmall(Invalid):
    msg_fmt = "Flavor's memory is too small for requested image."


class FlavorDiskSmallerThanImage(Invalid):
    """Sizes are bytes."""

    msg_fmt = (
        "Flavor's disk is too small for requested image. Flavor disk is %s bytes, "
        "image is %s bytes."
    )


class FlavorDiskSmallerThanMinDisk(Invalid):
    """Sizes are bytes."""

    msg_fmt = (
        "Flavor's disk is smaller than the minimum size specified in image metadata. "
        "Flavor disk is %s bytes, minimum size is %s bytes."
    )


class CannotResizeDisk(Invalid):
    msg_fmt = "Server disk was unable to be resized because: %s"


class CannotResizeToSameFlavor(Invalid):
    msg_fmt = "When resizing, instances must change flavor!"


class ZeroDiskFlavor(Forbidden):
    msg_fmt = "Only volume-backed servers are allowed for flavors with zero disk."


class PinnedAlready(Conflict):
    msg_fmt = (
        "Cannot change pinned availability zone directly. Unpin first by setting "
        "pinned_availability_zone to null."
    )


class PinnedElsewhere(Conflict):
    msg_fmt = (
        "Server can only be pinned to its current availability zone '%s', but '%s' was "
        "requested."
    )


class NoValidHost(MinovaError):
    """An accepted request found no host.

    The failure is recorded, and a new server goes to ERROR.
    """

    msg_fmt = "No valid host was found."


class NoValidHostForResize(NoValidHost):
    msg_fmt = "No valid host was found. No valid host found for resize"


class NoValidHostForMigration(NoValidHost):
    msg_fmt = "No valid host was found. No valid host found for cold migrate"


class NotEnoughHosts(NoValidHost):
    msg_fmt = "No valid host was found. There are not enough hosts available."


class BuildAbort(Invalid):
    """A host cannot build a server, and neither could any other host."""

    msg_fmt = "Build of instance %s aborted: %s"


class NoMoreNetworks(Conflict):
    msg_fmt = "No more networks are available: every subnet belongs to a server."


class GlanceConnectionFailed(Unavailable):
    msg_fmt = "Connection to glance host %s failed: %s"


class ImageDeleteForbidden(Forbidden):
    """The text of Nova's image proxy, without the id."""

    msg_fmt = "You are not allowed to delete the image."


class ImageNotAuthorized(Forbidden):
    msg_fmt = "Not authorized for image %s."


class ImageDeleteConflict(Conflict):
    msg_fmt = "Conflict deleting image. Reason: %s."


class ImageBadRequest(Invalid):
    msg_fmt = "Request of image %s got BadRequest response: %s"


class ImageMetadataLimitExceeded(Forbidden):
    msg_fmt = "Image metadata limit exceeded"


class ImageMetadataKeyNotFound(NotFound):
    """For removing a key.  Showing a missing key gives a 404 without this text."""

    msg_fmt = "Invalid metadata key"


class FlavorNotFound(NotFound):
    msg_fmt = "Flavor %s could not be found."


class FlavorExtraSpecsNotFound(NotFound):
    msg_fmt = "Flavor %s has no extra specs with key %s."


class FlavorAccessNotFound(NotFound):
    msg_fmt = "Flavor access not found for %s / %s combination."


class FlavorExists(Conflict):
    msg_fmt = "Flavor with name %s already exists."


class FlavorIdExists(Conflict):
    msg_fmt = "Flavor with ID %s already exists."


class FlavorAccessExists(Conflict):
    msg_fmt = "Flavor access already exists for flavor %s and project %s combination."


class NoAccessList(NotFound):
    msg_fmt = "Access list not available for public flavors."


class FlavorIsPublic(Conflict):
    msg_fmt = "Can not add access to a public flavor."


class HypervisorNotFound(NotFound):
    msg_fmt = "Hypervisor with ID '%s' could not be found."


class NoMatchingHypervisor(NotFound):
    msg_fmt = "No hypervisor matching '%s' could be found."


class KeypairNotFound(NotFound):
    msg_fmt = "Keypair %s not found for user %s"


class KeyPairExists(Conflict):
    msg_fmt = "Key pair '%s' already exists."


class InvalidKeypair(Invalid):
    msg_fmt = "Keypair data is invalid: %s"


class KeypairLimitExceeded(Forbidden):
    msg_fmt = "Quota exceeded, too many key pairs."


class InstanceGroupNotFound(NotFound):
    msg_fmt = "Instance group %s could not be found."


class ServerGroupLimitExceeded(Forbidden):
    msg_fmt = "Quota exceeded, too many server groups."


class GroupMemberLimitExceeded(Forbidden):
    msg_fmt = "Quota exceeded, too many servers in group"


class MetadataLimitExceeded(Forbidden):
    msg_fmt = "Maximum number of metadata items exceeds %s"


class OnsetFileLimitExceeded(Forbidden):
    msg_fmt = "Personality file limit exceeded"


class OnsetFilePathLimitExceeded(Forbidden):
    msg_fmt = "Personality file path exceeds maximum %s"


class OnsetFileContentLimitExceeded(Forbidden):
    msg_fmt = "Personality file content exceeds maximum %s"


class TooManyInstances(Forbidden):
    """Each argument has one entry for each resource in ``overs``."""

    def __init__(
        self,
        overs: Sequence[str],
        requested: Sequence[str],
        used: Sequence[int],
        allowed: Sequence[int],
    ) -> None:
        names = ", ".join(overs)
        super().__init__(
            f"Quota exceeded for {names}: Requested {', '.join(requested)}, but "
            f"already used {', '.join(map(str, used))} of "
            f"{', '.join(map(str, allowed))} {names}"
        )


class AggregateNotFound(NotFound):
    msg_fmt = "Aggregate %s could not be found."


class AggregateNameExists(Conflict):
    msg_fmt = "Aggregate %s already exists."


class AggregateHostExists(Conflict):
    msg_fmt = "Aggregate %s already has host %s."


class AggregateHostNotFound(NotFound):
    def __init__(self, aggregate_id: int, host: str) -> None:
        super().__init__(f"Cannot remove host {host} in aggregate {aggregate_id}")


class CannotAddHost(Conflict):
    msg_fmt = "Cannot add host to aggregate %s. Reason: %s."


class CannotRemoveHost(Conflict):
    msg_fmt = "Cannot remove host from aggregate %s. Reason: %s."


class AggregateNotEmpty(Invalid):
    """The text of ``CannotRemoveHost``, but for a whole aggregate it is a 400."""

    msg_fmt = (
        "Cannot remove host from aggregate %s. Reason: Host aggregate is not empty."
    )


class CannotUpdateAggregate(Invalid):
    msg_fmt = "Cannot update aggregate %s. Reason: %s."


class CannotUpdateAggregateMetadata(Invalid):
    msg_fmt = "Cannot update metadata of aggregate %s. Reason: %s."


class ComputeHostNotFound(NotFound):
    msg_fmt = "Compute host %s could not be found."


class ComputeHostToEvacuateNotFound(NotFound):
    msg_fmt = "Compute host %s not found."


class ServiceNotFound(NotFound):
    msg_fmt = "Service %s could not be found."


class HostBinaryNotFound(NotFound):
    msg_fmt = "Could not find binary %s on host %s."


class ServiceHasServers(Conflict):
    msg_fmt = (
        "Unable to delete compute service that is hosting instances. Migrate or delete "
        "the instances first."
    )


class ComputeServiceUnavailable(Invalid):
    """A 400 in Nova, for the uptime of a host that is down."""

    msg_fmt = "Compute service of %s is unavailable at this time."


class NoDiagnostics(Conflict):
    """The guest does not run."""

    msg_fmt = "Cannot 'get_diagnostics' instance %s while it is in power state %s"


class PolicyNotAuthorized(Forbidden):
    msg_fmt = "Policy doesn't allow %s to be performed."


class ProjectNotFound(NotFound):
    """Keystone's text."""

    msg_fmt = "Could not find project: %s."


class InstanceNotFound(NotFound):
    msg_fmt = "Instance %s could not be found."


class ActionNotFound(NotFound):
    msg_fmt = "Action %s not found"


class MetadataItemNotFound(NotFound):
    msg_fmt = "Metadata item was not found"


class InstanceTagNotFound(NotFound):
    msg_fmt = "Instance %s has no tag '%s'"


class LiveMigrationNotFound(NotFound):
    msg_fmt = "In-progress live migration %s is not found for server %s."


class NotALiveMigration(NotFound):
    msg_fmt = "Migration %s for server %s is not live-migration."


class LiveMigrationNotInProgress(NotFound):
    msg_fmt = "Live migration %s for server %s is not in progress."


class VolumeNotAttached(NotFound):
    msg_fmt = "Instance %s is not attached to volume %s"


class VolumeMappingNotFound(NotFound):
    msg_fmt = "No volume Block Device Mapping with id %s."


class ConsoleNotAvailable(NotFound):
    msg_fmt = "Guest does not have a console available."


class NotInNetwork(NotFound):
    msg_fmt = "Instance is not a member of specified network"


class InstanceIsLocked(Conflict):
    msg_fmt = "Instance %s is locked"


class InstanceNotReady(Conflict):
    msg_fmt = "Instance %s is not ready"


class ServiceUnavailable(Conflict):
    """A 409 in Nova, when the host that must act is down."""

    msg_fmt = "Service is unavailable at this time."


class InstanceInvalidState(Conflict):
    """The action may not start from the server's current state.

    Attributes:
        attr: the column that prevents it, ``vm_state`` or ``task_state``.  None if the
            server never ran, or if its state changed again after the failed claim.
    """

    def __init__(self, action: Action, instance: Instance) -> None:
        self.attr: str | None = None
        if not action.may_start(instance.vm_state, None):
            self.attr = "vm_state"
        elif not action.may_start(instance.vm_state, instance.task_state):
            self.attr = "task_state"
        super().__init__(
            f"Instance {instance.uuid} is in an invalid state for '{action.name}'"
            if self.attr is None
            else f"Cannot '{action.name}' instance {instance.uuid} while it is in "
            f"{self.attr} {getattr(instance, self.attr)}"
        )


class ServerInvalidState(Conflict):
    """The server's state does not allow a change that involves no host."""

    def __init__(
        self, verb: str, instance: Instance, attr: str | None = "vm_state"
    ) -> None:
        super().__init__(
            f"Instance {instance.uuid} is in an invalid state for '{verb}'"
            if attr is None
            else f"Cannot '{verb}' instance {instance.uuid} while it is in {attr} "
            f"{getattr(instance, attr)}"
        )


class UnableToMigrateToSelf(MinovaError):
    msg_fmt = "Unable to migrate instance (%s) to current host (%s)."


class HostTooOld(Conflict):
    """The host would not understand the message."""

    msg_fmt = (
        "Cannot '%s' this server until the nova-compute service of its host is "
        "upgraded."
    )


class RescueImageNotSupported(Invalid):
    msg_fmt = "Requested rescue image '%s' is not supported"


class PersonalityNotSupported(Invalid):
    msg_fmt = "Personality is not supported: files cannot be put on the config drive."


class PreserveEphemeralNotSupported(Invalid):
    msg_fmt = "The current driver does not support preserving ephemeral partitions."


class InstanceNotRescuable(Conflict):
    msg_fmt = "Instance %s cannot be rescued: Driver Error: %s"


class InstanceAgentNotEnabled(Conflict):
    """For the agent inside the guest, which sets passwords."""

    msg_fmt = "QEMU guest agent is not enabled"


class InstancePasswordSetFailed(Conflict):
    msg_fmt = "Failed to set admin password on %s because %s"


class GuestAgentSilent(Unsupported):
    msg_fmt = "Unable to set password on instance"


class TaskPreempted(MinovaError):
    """Another request took the server over while a host was working on it."""

    msg_fmt = "Another request took over instance %s."


class InstanceNotRunning(MinovaError):
    """The guest is off, but the request needs a running guest."""

    msg_fmt = "Instance %s is not running."


class SavedMemoryGone(MinovaError):
    """The guest is off, and its saved memory cannot be used."""

    msg_fmt = (
        "The saved memory of instance %s is gone or cannot be read, so it cannot go on "
        "where it was. It is shut off now, and can be started."
    )


class GuestInHand(MinovaError):
    """An action is working on the guest, and the caller must not wait for it."""

    msg_fmt = "An action is at work on instance %s."


class GuestUnharmed(MinovaError):
    """The action failed, but the guest is as before, so ``vm_state`` stays."""


class RebootFailed(GuestUnharmed):
    msg_fmt = "Reboot failed but instance is running: %s"


class ResizeError(MinovaError):
    msg_fmt = "Resize error: %s"


class OutcomeUnknown(GuestUnharmed):
    """An unrepeatable action was interrupted, and the guest shows no result."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"The compute service or its hypervisor went away during the {action.name}."
            f" It is unknown whether the {action.name} was done, so it is not repeated."
        )


class ComputeHostUnreachable(Unavailable):
    """Users are not told the host's name.  The log has it."""

    msg_fmt = "The compute host could not be reached. Please try again later."


class BrokerUnavailable(Unavailable):
    msg_fmt = "The message broker could not be reached. Please try again later."


class HypervisorUnavailable(Unavailable):
    msg_fmt = "Connection to the hypervisor is broken on host: %s"


class DatabaseUnavailable(Unavailable):
    msg_fmt = "The database could not be reached. Please try again later."


class CommitInDoubt(DatabaseUnavailable):
    """The database went away during a COMMIT: nobody knows whether it was done."""


class HypervisorLost(HypervisorUnavailable):
    """The hypervisor went away during a call: nobody knows how much was done."""


class HypervisorSilent(MinovaError):
    """The hypervisor can be reached, but does not answer within the time limit."""


class CallTimedOut(HypervisorSilent):
    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(
            f"The hypervisor did not answer within {seconds:g} seconds ({what})."
        )


class CallStillHangs(HypervisorSilent, GuestUnharmed):
    msg_fmt = (
        "An earlier hypervisor call (%s) has not returned for %.0f seconds. Until it "
        "returns, %s is not tried."
    )


class GuestStartHangs(MinovaError):
    """Libvirt has been starting the guest for too long."""

    msg_fmt = (
        "The hypervisor has been starting instance %s for too long, and lets nobody "
        "change it."
    )


class OtherMigration(Unavailable):
    msg_fmt = "Another migration has held the lock %s for more than %g seconds."


class TableInUse(Unavailable):
    msg_fmt = (
        "Other transactions kept a table in use for %g seconds (%s). End those that "
        "stay open and run this command again. It continues where it stopped."
    )


class SchemaTooNew(Unavailable):
    msg_fmt = (
        "The database is at revision %s, which this version of minova does not know. A "
        "later version made it. Nothing was changed."
    )

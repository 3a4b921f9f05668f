# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every error, by kind; ``api/front/errors.py`` alone knows which status a kind has."""

from collections.abc import Sequence

from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action


class MinovaError(Exception):
    """Something a caller, on either side of the queue, can be told in a sentence."""


class Invalid(MinovaError):
    """The request makes no sense, now or later."""


class Forbidden(MinovaError):
    """The caller may not."""


class NotFound(MinovaError):
    """There is no such thing, or none that the caller may know of."""


class Conflict(MinovaError):
    """It makes sense, but not now."""


class Unavailable(MinovaError):
    """minova itself lacks something; nothing was changed, the caller may try again."""


class MalformedRequestBody(Invalid):
    def __init__(self) -> None:
        super().__init__("Malformed request body")


class NoSuchAction(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no such action: {name}")


class MarkerNotFound(Invalid):
    def __init__(self, marker: str) -> None:
        super().__init__(f"marker [{marker}] not found")


class KeypairMarkerNotFound(Invalid):
    def __init__(self, marker: str) -> None:
        super().__init__(f"Marker {marker} could not be found.")


class ActionMarkerNotFound(Invalid):
    """In Nova's words, which have lost the marker on their way."""

    def __init__(self) -> None:
        super().__init__("Marker None could not be found.")


class ProjectMismatch(Invalid):
    def __init__(self, in_url: str, in_context: str | None) -> None:
        super().__init__(
            f"Malformed request URL: URL's project_id '{in_url}' doesn't match "
            f"Context's project_id '{in_context}'"
        )


class ImageNotFound(NotFound):
    def __init__(self, image_id: str) -> None:
        super().__init__(f"Image {image_id} could not be found.")


class ProxiedImageNotFound(NotFound):
    """As Nova's proxy of images says it, without the id."""

    def __init__(self) -> None:
        super().__init__("Image not found.")


class ImageNotActive(Invalid):
    def __init__(self, image_id: str) -> None:
        super().__init__(f"Image {image_id} is not active.")


class ImageUnacceptable(Invalid):
    def __init__(self, image_id: str, reason: str) -> None:
        super().__init__(f"Image {image_id} is unacceptable: {reason}")


class FlavorMemoryTooSmall(Invalid):
    def __init__(self) -> None:
        super().__init__("Flavor's memory is too small for requested image.")


class FlavorDiskSmallerThanImage(Invalid):
    """Sizes are bytes."""

    def __init__(self, flavor_size: int, image_size: int) -> None:
        super().__init__(
            "Flavor's disk is too small for requested image. Flavor disk is "
            f"{flavor_size} bytes, image is {image_size} bytes."
        )


class FlavorDiskSmallerThanMinDisk(Invalid):
    """Sizes are bytes."""

    def __init__(self, flavor_size: int, image_min_disk: int) -> None:
        super().__init__(
            "Flavor's disk is smaller than the minimum size specified in image "
            f"metadata. Flavor disk is {flavor_size} bytes, minimum size is "
            f"{image_min_disk} bytes."
        )


class ZeroDiskFlavor(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "Only volume-backed servers are allowed for flavors with zero disk."
        )


class PinnedAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Cannot change pinned availability zone directly. Unpin first by setting "
            "pinned_availability_zone to null."
        )


class PinnedElsewhere(Conflict):
    def __init__(self, zone: str, current: str | None) -> None:
        super().__init__(
            "Server can only be pinned to its current availability zone "
            f"'{current}', but '{zone}' was requested."
        )


class NoValidHost(MinovaError):
    """Of a create that was accepted: it is put on record, and the server in ERROR."""

    def __init__(self) -> None:
        super().__init__("No valid host was found.")


class BuildAbort(Invalid):
    """A host cannot build a server, and no other host could."""

    def __init__(self, instance_uuid: str, reason: Exception) -> None:
        super().__init__(f"Build of instance {instance_uuid} aborted: {reason}")


class NoMoreNetworks(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "No more networks are available: every subnet belongs to a server."
        )


class GlanceConnectionFailed(Unavailable):
    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"Connection to glance host {server} failed: {reason}")


class ImageReadOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("You are not allowed to delete the image.")


class ImageNotAuthorized(Forbidden):
    def __init__(self, image_id: str) -> None:
        super().__init__(f"Not authorized for image {image_id}.")


class ImageMetadataLimitExceeded(Forbidden):
    def __init__(self) -> None:
        super().__init__("Image metadata limit exceeded")


class ImageMetadataKeyNotFound(NotFound):
    """Of what is to be removed; of what is to be shown, Nova gives no name."""

    def __init__(self) -> None:
        super().__init__("Invalid metadata key")


class FlavorNotFound(NotFound):
    def __init__(self, flavorid: str) -> None:
        super().__init__(f"Flavor {flavorid} could not be found.")


class FlavorExtraSpecsNotFound(NotFound):
    def __init__(self, flavorid: str, key: str) -> None:
        super().__init__(f"Flavor {flavorid} has no extra specs with key {key}.")


class FlavorAccessNotFound(NotFound):
    def __init__(self, flavorid: str, project_id: str) -> None:
        super().__init__(
            f"Flavor access not found for {flavorid} / {project_id} combination."
        )


class FlavorExists(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"Flavor with name {name} already exists.")


class FlavorIdExists(Conflict):
    def __init__(self, flavorid: str) -> None:
        super().__init__(f"Flavor with ID {flavorid} already exists.")


class FlavorAccessExists(Conflict):
    def __init__(self, flavorid: str, project_id: str) -> None:
        super().__init__(
            f"Flavor access already exists for flavor {flavorid} and project "
            f"{project_id} combination."
        )


class NoAccessList(NotFound):
    def __init__(self) -> None:
        super().__init__("Access list not available for public flavors.")


class FlavorIsPublic(Conflict):
    def __init__(self) -> None:
        super().__init__("Can not add access to a public flavor.")


class HypervisorNotFound(NotFound):
    def __init__(self, hypervisor_id: str) -> None:
        super().__init__(f"Hypervisor with ID '{hypervisor_id}' could not be found.")


class NoMatchingHypervisor(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"No hypervisor matching '{name}' could be found.")


class KeypairNotFound(NotFound):
    def __init__(self, name: str, user_id: str) -> None:
        super().__init__(f"Keypair {name} not found for user {user_id}")


class KeyPairExists(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"Key pair '{name}' already exists.")


class InvalidKeypair(Invalid):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Keypair data is invalid: {reason}")


class KeypairLimitExceeded(Forbidden):
    def __init__(self) -> None:
        super().__init__("Quota exceeded, too many key pairs.")


class MetadataLimitExceeded(Forbidden):
    def __init__(self, allowed: int) -> None:
        super().__init__(f"Maximum number of metadata items exceeds {allowed}")


class TooManyInstances(Forbidden):
    """Each list has an entry for each resource in ``overs``."""

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


class ServiceNotFound(NotFound):
    def __init__(self, service_id: str) -> None:
        super().__init__(f"Service {service_id} could not be found.")


class HostBinaryNotFound(NotFound):
    def __init__(self, host: str, binary: str) -> None:
        super().__init__(f"Could not find binary {binary} on host {host}.")


class ServiceHasServers(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Unable to delete compute service that is hosting instances. Migrate or "
            "delete the instances first."
        )


class ComputeServiceUnavailable(Invalid):
    """A 400 in Nova where it is said: of the uptime of a host that is down."""

    def __init__(self, host: str) -> None:
        super().__init__(f"Compute service of {host} is unavailable at this time.")


class NoDiagnostics(Conflict):
    """The guest does not run."""

    def __init__(self, instance_uuid: str, power_state: str) -> None:
        super().__init__(
            f"Cannot 'get_diagnostics' instance {instance_uuid} while it is in power "
            f"state {power_state}"
        )


class PolicyNotAuthorized(Forbidden):
    def __init__(self, rule: str) -> None:
        super().__init__(f"Policy doesn't allow {rule} to be performed.")


class ProjectNotFound(NotFound):
    """In Keystone's words."""

    def __init__(self, project_id: str) -> None:
        super().__init__(f"Could not find project: {project_id}.")


class InstanceNotFound(NotFound):
    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"Instance {instance_uuid} could not be found.")


class ActionNotFound(NotFound):
    def __init__(self, request_id: str) -> None:
        super().__init__(f"Action {request_id} not found")


class MetadataItemNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Metadata item was not found")


class InstanceTagNotFound(NotFound):
    def __init__(self, instance_uuid: str, tag: str) -> None:
        super().__init__(f"Instance {instance_uuid} has no tag '{tag}'")


class ConsoleNotAvailable(NotFound):
    def __init__(self) -> None:
        super().__init__("Guest does not have a console available.")


class NotInNetwork(NotFound):
    def __init__(self) -> None:
        super().__init__("Instance is not a member of specified network")


class InstanceIsLocked(Conflict):
    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"Instance {instance_uuid} is locked")


class InstanceNotReady(Conflict):
    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"Instance {instance_uuid} is not ready")


class InstanceInvalidState(Conflict):
    """The action may not start from the state the server is in.

    Attributes:
        attr: the column in the way, ``vm_state`` or ``task_state``; None when the
            server never ran, or moved on between the claim that failed and the look
            at why.
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
    """A change that no host has a part in may not be made from where the server is."""

    def __init__(self, verb: str, instance: Instance) -> None:
        super().__init__(
            f"Cannot '{verb}' instance {instance.uuid} while it is in vm_state "
            f"{instance.vm_state}"
        )


class HostTooOld(Conflict):
    """The host would not understand what it is to be asked for."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"Cannot '{action.name}' this server until the nova-compute service of "
            f"its host is upgraded."
        )


class RescueImageNotSupported(Invalid):
    def __init__(self, image_ref: str) -> None:
        super().__init__(f"Requested rescue image '{image_ref}' is not supported")


class InstanceNotRescuable(Conflict):
    def __init__(self, instance_uuid: str, reason: Exception) -> None:
        super().__init__(
            f"Instance {instance_uuid} cannot be rescued: Driver Error: {reason}"
        )


class TaskPreempted(MinovaError):
    """Another request took the claim over while a host was at work on it."""

    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"Another request took over instance {instance_uuid}.")


class InstanceNotRunning(MinovaError):
    """The guest is off, and what was asked for needs one that is on."""

    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"Instance {instance_uuid} is not running.")


class SavedMemoryGone(MinovaError):
    """The guest is off, and has nothing to go on from."""

    def __init__(self, instance_uuid: str) -> None:
        super().__init__(
            f"The saved memory of instance {instance_uuid} is gone or cannot be read, "
            f"so it cannot go on where it was. It is shut off now, and can be started."
        )


class GuestInHand(MinovaError):
    """An action is at work on the guest, and is not waited for."""

    def __init__(self, instance_uuid: str) -> None:
        super().__init__(f"An action is at work on instance {instance_uuid}.")


class GuestUnharmed(MinovaError):
    """The action failed, and the guest is as good as before: ``vm_state`` stays."""


class RebootFailed(GuestUnharmed):
    def __init__(self, reason: Exception) -> None:
        super().__init__(f"Reboot failed but instance is running: {reason}")


class OutcomeUnknown(GuestUnharmed):
    """What may be done only once was left half-way, and the guest does not tell."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"The compute service or its hypervisor went away during the {action.name}."
            f" It is unknown whether the {action.name} was done, so it is not repeated."
        )


class ComputeHostUnreachable(Unavailable):
    """Users are not told which host that is; the log is."""

    def __init__(self) -> None:
        super().__init__(
            "The compute host could not be reached. Please try again later."
        )


class BrokerUnavailable(Unavailable):
    def __init__(self) -> None:
        super().__init__(
            "The message broker could not be reached. Please try again later."
        )


class HypervisorUnavailable(Unavailable):
    def __init__(self, host: str) -> None:
        super().__init__(f"Connection to the hypervisor is broken on host: {host}")


class DatabaseUnavailable(Unavailable):
    def __init__(self) -> None:
        super().__init__("The database could not be reached. Please try again later.")


class CommitInDoubt(DatabaseUnavailable):
    """It went away while it was told to commit: nobody knows whether it did."""


class HypervisorLost(HypervisorUnavailable):
    """It went away in the middle of a call: nobody knows what of it was done."""


class HypervisorSilent(MinovaError):
    """The hypervisor can be reached, but does not answer within the bound."""


class CallTimedOut(HypervisorSilent):
    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(
            f"The hypervisor did not answer within {seconds:g} seconds ({what})."
        )


class CallStillHangs(HypervisorSilent, GuestUnharmed):
    def __init__(self, what: str, earlier: str, seconds: float) -> None:
        super().__init__(
            f"An earlier hypervisor call ({earlier}) has not returned for "
            f"{seconds:.0f} seconds. Until it returns, {what} is not tried."
        )


class OtherMigration(Unavailable):
    def __init__(self, seconds: float, lock: str) -> None:
        super().__init__(
            f"Another migration of the database has held the lock {lock} for more than "
            f"{seconds:g} seconds."
        )


class TableInUse(Unavailable):
    def __init__(self, seconds: float, statement: str) -> None:
        super().__init__(
            f"Other transactions kept a table in use for {seconds:g} seconds "
            f"({statement}). End those that stay open and run this command again. It "
            f"continues where it stopped."
        )


class SchemaTooNew(Unavailable):
    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this version of minova "
            f"does not know. A later version made it. Nothing was changed."
        )

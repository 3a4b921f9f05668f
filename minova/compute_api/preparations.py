# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-api checks and prepares before a claim, for the actions that need it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from oslo_log import log as logging
from oslo_utils import strutils

from minova import exception
from minova.compute_api import admin_passwords
from minova.compute_api.projects.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.claims import Restored
from minova.images import ImageSource, bootable
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.objects.migration import NewSize
from minova.objects.network import short_address
from minova.vocabulary.instance_actions import Action

LOG = logging.getLogger("minova.compute.api")

Asked = Mapping[str, Any] | None


class Prepared(NamedTuple):
    """Values that are stored with a claim.

    Attributes:
        arguments: kept with the claim, for the host and for the answer.
        changes: new values for columns of the server, from the claim on.
        size: the new size, for a resize.
        restored: the server that counts against a quota again, and that quota.
    """

    arguments: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] | None = None
    size: NewSize | None = None
    restored: Restored | None = None


NOTHING: Final = Prepared()
Prepare = Callable[[RequestContext, Instance, Action, Asked], Prepared]

# Columns that a rebuild takes unchanged from the request: key → column.
_COLUMNS: Final = {
    "name": "display_name",
    "description": "display_description",
    "metadata": "metadata",
    "user_data": "user_data",
    "trusted_image_certificates": "trusted_certs",
    "hostname": "hostname",
}
_ADDRESSES: Final = {"accessIPv4": "access_ip_v4", "accessIPv6": "access_ip_v6"}


class Preparations:
    def __init__(self, images: ImageSource, db: Database, quotas: Quotas) -> None:
        self._images = images
        self._db = db
        self._quotas = quotas

    def stop_or_start(
        self,
        _context: RequestContext,
        instance: Instance,
        action: Action,
        _asked: Asked,
    ) -> Prepared:
        """Check the host first, as Nova does for these two actions.

        Raises:
            InstanceNotReady: the server has no host.
        """
        if instance.host is None:
            raise exception.InstanceNotReady(instance.uuid)
        LOG.debug(
            "Going to try to %s instance", action.name, instance_uuid=instance.uuid
        )
        return NOTHING

    def rescue(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        asked: Asked,
    ) -> Prepared:
        """Check the image, and make a password if none was given.

        Raises:
            InstanceInvalidState: checked before the image, as in Nova.
            RescueImageNotSupported: there is no such image, or it cannot be booted.
        """
        _check_may_start(action, instance)
        given = asked or {}
        image_ref = given.get("rescue_image_ref")
        if image_ref is not None:
            self._check_rescue_image(context, image_ref)
        return Prepared(
            arguments={
                "rescue_image_ref": image_ref,
                "admin_password": _password(given),
            }
        )

    def rebuild(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        asked: Asked,
    ) -> Prepared:
        """Check everything in the request.  From the claim on, the row has it.

        Raises:
            InstanceInvalidState: checked before the request's values, as in Nova.
            Invalid: the key or the image is wrong, or the image does not fit.
            MetadataLimitExceeded: more items than the project's quota allows.
        """
        _check_may_start(action, instance)
        given = asked or {}
        changes: dict[str, Any] = {
            column: given[name] for name, column in _COLUMNS.items() if name in given
        }
        for name, column in _ADDRESSES.items():
            if name in given:
                changes[column] = short_address(given[name])
        if "key_name" in given:
            changes |= self._key(context, given["key_name"])
        image = self._image_of_rebuild(context, given["imageRef"])
        changes |= {
            "image_ref": image.id,
            "image_properties": dict(image.properties),
            "disk_config": _disk_config(image, given.get("OS-DCF:diskConfig")),
        }
        self._quotas.check_metadata(
            context.project_id or "", len(given.get("metadata", {}))
        )
        files = given.get("personality", [])
        self._quotas.check_files(context.project_id or "", files)
        if files and instance.config_drive:
            raise exception.PersonalityNotSupported
        bootable.check(image, instance.flavor)
        return Prepared(
            arguments={
                "admin_password": _password(given),
                "preserve_ephemeral": strutils.bool_from_string(
                    given.get("preserve_ephemeral", False)
                ),
            },
            changes=changes,
        )

    def _image_of_rebuild(self, context: RequestContext, image_ref: str) -> Image:
        try:
            return self._images.get(context, image_ref)
        except exception.ImageNotFound:
            raise exception.Invalid("Cannot find image for rebuild") from None

    def _key(self, context: RequestContext, name: str | None) -> dict[str, str | None]:
        """Return the columns for one of the caller's keys.  None removes the key."""
        if name is None:
            return {"key_name": None, "key_data": None}
        keypair = self._db.keypair_get(context.user_id or "", name)
        if keypair is None:
            raise exception.Invalid("Invalid key_name provided.")
        return {"key_name": name, "key_data": keypair.public_key}

    def restore(
        self,
        _context: RequestContext,
        instance: Instance,
        _action: Action,
        _asked: Asked,
    ) -> Prepared:
        return Prepared(restored=(instance, self._quotas.of(instance)))

    def _check_rescue_image(self, context: RequestContext, image_ref: str) -> None:
        try:
            image = self._images.get(context, image_ref)
        except exception.ImageNotFound:
            LOG.warning(
                "Failed to fetch rescue image metadata using image_ref %s", image_ref
            )
            raise exception.RescueImageNotSupported(image_ref) from None
        if image.status != "active" or image.defect is not None:
            raise exception.RescueImageNotSupported(image_ref)


def _check_may_start(action: Action, instance: Instance) -> None:
    may_start = action.may_start(instance.vm_state, instance.task_state)
    if not may_start or instance.launched_at is None:
        raise exception.InstanceInvalidState(action, instance)


def _password(given: Mapping[str, Any]) -> str:
    password: str | None = given.get("adminPass")
    return admin_passwords.new() if password is None else password


def _disk_config(image: Image, asked: str | None) -> str:
    """Return what the request says or, without that, what the image says, as in Nova.

    Raises:
        Invalid: the request is for AUTO, which the image does not allow.
    """
    said = image.properties.get("auto_disk_config")
    if asked == "AUTO" and said == "disabled":
        raise exception.Invalid(
            f"Requested image {image.id} has automatic disk resize disabled."
        )
    return asked or ("AUTO" if strutils.bool_from_string(said) else "MANUAL")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What n-api looks at before it claims a server, for the actions that need more."""

from collections.abc import Callable, Mapping
from typing import Any

from oslo_log import log as logging

from minova import exception
from minova.compute_api import admin_passwords
from minova.context import RequestContext
from minova.images import ImageSource
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action

LOG = logging.getLogger("minova.compute.api")

Asked = Mapping[str, Any] | None
Prepare = Callable[[RequestContext, Instance, Action, Asked], Asked]
"""Makes of what was asked what is kept with the claim."""


class Preparations:
    """A method for each action that has one; all raise what its refusals say."""

    def __init__(self, images: ImageSource) -> None:
        self._images = images

    def stop_or_start(
        self,
        _context: RequestContext,
        instance: Instance,
        action: Action,
        _asked: Asked,
    ) -> Asked:
        """Look at the host first, as Nova does for these two.

        Raises:
            InstanceNotReady: it has no host.
        """
        if instance.host is None:
            raise exception.InstanceNotReady(instance.uuid)
        LOG.debug(
            "Going to try to %s instance", action.name, instance_uuid=instance.uuid
        )
        return None

    def rescue(
        self,
        context: RequestContext,
        instance: Instance,
        action: Action,
        asked: Asked,
    ) -> Asked:
        """Look the image up, and choose a password where none was given.

        Raises:
            InstanceInvalidState: said before anything of the image, as in Nova.
            RescueImageNotSupported: no such image, or one that cannot be booted.
        """
        may_start = action.may_start(instance.vm_state, instance.task_state)
        if not may_start or instance.launched_at is None:
            raise exception.InstanceInvalidState(action, instance)
        given = asked or {}
        image_ref = given.get("rescue_image_ref")
        if image_ref is not None:
            self._check_rescue_image(context, image_ref)
        password = given.get("adminPass")
        return {
            "rescue_image_ref": image_ref,
            "admin_password": admin_passwords.new() if password is None else password,
        }

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

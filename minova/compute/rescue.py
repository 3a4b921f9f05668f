# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rescue a server on its host: stop it and boot it from another image."""

from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.performs import Performer
from minova.context import RequestContext
from minova.objects.image import Image
from minova.objects.instance import Instance

LOG = logging.getLogger("minova.compute.manager")

_NOT_THE_DRIVERS_FAULT: Final = (
    exception.HypervisorUnavailable,
    exception.TaskPreempted,
    exception.GuestUnharmed,
)


def rescue(manager: Performer, context: RequestContext, instance: Instance) -> None:
    """Boot a guest from the image that the claim names, or else from its own.

    Raises:
        GuestUnharmed: the image is not available, and the guest was left alone.
        TaskPreempted: another request took the server over.
        InstanceNotRescuable: the rescue failed, and the guest may be off by now.
    """
    arguments = instance.claim_arguments or {}
    image = _fetch(manager, context, instance, arguments.get("rescue_image_ref"))
    try:
        manager.power_off(context, instance)
        _boot(manager, instance, image, arguments.get("admin_password"))
    except _NOT_THE_DRIVERS_FAULT:
        raise
    except Exception as error:
        LOG.error("Error trying to Rescue Instance", instance_uuid=instance.uuid)
        raise exception.InstanceNotRescuable(instance.uuid, error) from error


def _boot(
    manager: Performer, instance: Instance, image: Image, password: str | None
) -> None:
    try:
        manager.driver.rescue(instance, image, password)
    except exception.HypervisorUnavailable as error:
        # The guest is off already.  It is rescued when the hypervisor is back.
        raise exception.HypervisorLost(manager.host) from error


def _fetch(
    manager: Performer,
    context: RequestContext,
    instance: Instance,
    image_ref: str | None,
) -> Image:
    try:
        return manager.images.fetch(context, image_ref or instance.image_ref)
    except exception.MinovaError as error:
        raise exception.GuestUnharmed(str(error)) from error

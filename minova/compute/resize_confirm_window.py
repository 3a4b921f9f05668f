# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Confirm resizes that nobody has confirmed or reverted in time."""

from oslo_log import log as logging

from minova.compute.manager import ComputeManager
from minova.context import RequestContext
from minova.objects.instance import Instance
from minova.objects.migration import Migration, kept_of_confirm
from minova.vocabulary.instance_actions import CONFIRM_RESIZE

LOG = logging.getLogger("minova.compute.manager")


def confirm_old(manager: ComputeManager, window: int) -> None:
    """Confirm the host's resizes that have waited for at least ``window`` seconds.

    A resize that a request is confirming or reverting right now is left alone.
    """
    found = manager.db.migrations_unconfirmed(manager.host, window)
    if found:
        LOG.info(
            "Found %s unconfirmed migrations older than %s seconds", len(found), window
        )
    for migration in found:
        instance = manager.db.instance_get(migration.instance_uuid)
        if instance is not None:
            try:
                _confirm(manager, instance, migration)
            except Exception as error:
                LOG.error(
                    "Error auto-confirming resize: %s",
                    error,
                    instance_uuid=instance.uuid,
                )


def _confirm(manager: ComputeManager, instance: Instance, migration: Migration) -> None:
    context = RequestContext(
        is_admin=True,
        user_id=instance.user_id,
        project_id=instance.project_id,
        overwrite=False,
    )
    kept = kept_of_confirm(migration, instance.power_state)
    if manager.db.instance_claim(context, instance.uuid, CONFIRM_RESIZE, kept):
        LOG.info(
            "Automatically confirming migration %s for instance %s",
            migration.id,
            instance.uuid,
        )
        manager.confirm_resize(context, instance.uuid)

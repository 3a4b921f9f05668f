# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Delete soft-deleted servers whose time is over.  The log lines are Nova's."""

import dataclasses
from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.follow import context_of
from minova.compute.manager import ComputeManager
from minova.compute.performs import on_free_guest
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import DELETE
from minova.vocabulary.vm_states import VMState

LOG = logging.getLogger("minova.compute.manager")

_RECLAIM: Final = dataclasses.replace(
    DELETE, vm_states=frozenset({VMState.SOFT_DELETED}), preempts=frozenset()
)
"""A delete that does not preempt a restore."""


class Reclaim:
    """Deletes the soft-deleted servers of one host, each under its own request id."""

    def __init__(self, manager: ComputeManager, interval: int) -> None:
        """Take the interval.

        Args:
            interval: seconds that a server stays soft-deleted; 0 or less: forever.
        """
        self._manager = manager
        self._interval = interval

    def reclaim_queued_deletes(self) -> None:
        """Delete the servers whose time is over.

        If a delete fails, the server stays soft-deleted and is tried again later.

        Raises:
            Unavailable: the database or the hypervisor is away.
        """
        if self._interval <= 0:
            LOG.debug("CONF.reclaim_instance_interval <= 0, skipping...")
            return
        for instance in self._due():
            try:
                self._delete(instance)
            except exception.Unavailable:
                raise
            except Exception as error:
                LOG.warning(
                    "Periodic reclaim failed to delete instance: %s",
                    error,
                    instance_uuid=instance.uuid,
                )

    def _due(self) -> list[Instance]:
        return self._manager.db.instances_to_reclaim(self._manager.host, self._interval)

    def _delete(self, instance: Instance) -> None:
        context = context_of(instance)
        with on_free_guest(instance.uuid):
            # The server may have been restored meanwhile, and even deleted again.
            if all(due.uuid != instance.uuid for due in self._due()):
                return
            # This raises if the hypervisor is away, before anything is on record.
            self._manager.get_power_state(instance)
            if not self._manager.db.instance_claim(context, instance.uuid, _RECLAIM):
                return
            LOG.info("Reclaiming deleted instance", instance_uuid=instance.uuid)
        self._manager.terminate_instance(context, instance.uuid)

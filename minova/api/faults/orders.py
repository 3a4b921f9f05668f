# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Orders of faults: place, list and take back."""

from collections.abc import Mapping
from typing import Any, Protocol

from oslo_log import log as logging

from minova import exception
from minova.api.faults import kinds
from minova.api.faults.checks import Checks
from minova.api.faults.fault import Fault, kind_of, make
from minova.api.faults.kinds import Part
from minova.api.faults.registry import Faults
from minova.db.api import Database
from minova.objects.instance import Instance

LOG = logging.getLogger(__name__)


class AtOnce(Protocol):
    """A part of the cloud that carries out faults without waiting for a request."""

    def begin(self, fault: Fault, instance: Instance | None) -> None:
        """Start the fault; raises Conflict: it is impossible now, nothing was done."""
        ...

    def end(self, fault: Fault) -> None:
        """End the fault, because it was taken back."""
        ...


class Orders:
    """Takes the orders of faults of a cloud.

    Attributes:
        faults: the faults that exist.
    """

    def __init__(
        self, faults: Faults, db: Database, parts: Mapping[Part, AtOnce | None]
    ) -> None:
        """Take orders for some parts.

        Args:
            parts: the parts that can fail here, each with the object that carries out
                its faults; None if they wait for requests.
        """
        self.faults = faults
        self._parts = parts
        known = [kind for kind in kinds.ALL if kind.part in parts]
        self._checks = Checks(db, known)

    def order(self, sent: Any) -> Fault:
        """Order a fault; after an error nothing was ordered.

        Args:
            sent: the body of the request.

        Raises:
            Invalid: the order is malformed, or can never strike.
            Conflict: the fault is impossible now, or there are too many faults.
        """
        kind, values, instance = self._checks.check(sent)
        fault = make(kind, values)
        self.faults.add(fault)
        LOG.info("Fault %s was ordered: %s", fault.id, kind.what)
        carrier = self._parts[kind.part]
        if carrier is not None:
            try:
                carrier.begin(fault, instance)
            except BaseException:
                self.faults.remove(lambda other: other.id == fault.id)
                raise
        return self.get(fault.id)

    def listed(self, project_id: str | None) -> list[Fault]:
        """List the faults of a project, or all."""
        return self.faults.listed(project_id)

    def get(self, fault_id: str) -> Fault:
        """Find a fault; raises NotFound."""
        for fault in self.faults.listed():
            if fault.id == fault_id:
                return fault
        raise exception.NotFound(f"Fault {fault_id} could not be found.")

    def take_back(self, fault_id: str) -> None:
        """Remove a fault and end it; raises NotFound."""
        removed = self.faults.remove(lambda fault: fault.id == fault_id)
        if not removed:
            raise exception.NotFound(f"Fault {fault_id} could not be found.")
        self._end(removed)

    def clear(self, project_id: str | None = None) -> None:
        """Take back all faults, or those of a project."""
        self._end(
            self.faults.remove(lambda fault: project_id in (None, fault.project_id))
        )

    def _end(self, removed: list[Fault]) -> None:
        for fault in removed:
            LOG.info("Fault %s was taken back", fault.id)
            carrier = self._parts.get(kind_of(fault).part)
            if carrier is not None:
                carrier.end(fault)

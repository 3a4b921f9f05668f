# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults are ordered, listed and taken back."""

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
    """Who carries out what waits for no request."""

    def begin(self, fault: Fault, instance: Instance | None) -> None:
        """Do it; raises Conflict: it cannot be done now, and is not."""
        ...

    def end(self, fault: Fault) -> None:
        """It was taken back."""
        ...


class Orders:
    """What may be ordered of a cloud.

    Attributes:
        faults: those that there are.
    """

    def __init__(
        self, faults: Faults, db: Database, parts: Mapping[Part, AtOnce | None]
    ) -> None:
        """Take orders.

        Args:
            parts: which can fail here; with who carries out what is done at once.
        """
        self.faults = faults
        self._parts = parts
        known = [kind for kind in kinds.ALL if kind.part in parts]
        self._checks = Checks(db, known)

    def order(self, sent: Any) -> Fault:
        """Have a fault from now on.

        Args:
            sent: the body of the request.

        Raises:
            Invalid: it is wrong, or can never strike; nothing was ordered.
            Conflict: it cannot be done now; the same.
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
        """Those for a project, or all."""
        return self.faults.listed(project_id)

    def get(self, fault_id: str) -> Fault:
        """Find one; raises NotFound."""
        for fault in self.faults.listed():
            if fault.id == fault_id:
                return fault
        raise exception.NotFound(f"Fault {fault_id} could not be found.")

    def take_back(self, fault_id: str) -> None:
        """Have one no more; raises NotFound."""
        removed = self.faults.remove(lambda fault: fault.id == fault_id)
        if not removed:
            raise exception.NotFound(f"Fault {fault_id} could not be found.")
        self._end(removed)

    def clear(self, project_id: str | None = None) -> None:
        """Have none for a project any more, or none at all."""
        self._end(
            self.faults.remove(lambda fault: project_id in (None, fault.project_id))
        )

    def _end(self, removed: list[Fault]) -> None:
        for fault in removed:
            LOG.info("Fault %s was taken back", fault.id)
            carrier = self._parts.get(kind_of(fault).part)
            if carrier is not None:
                carrier.end(fault)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Orders: checked as a whole, so that none is taken that can never strike."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception
from minova.api.faults import kinds
from minova.api.faults.fault import Fault, kind_of, make
from minova.api.faults.kinds import Kind, Part
from minova.api.faults.registry import Faults
from minova.api.validation.schema import Schema
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import CREATE, RESIZE
from minova.vocabulary.parameter_types import body, only

LOG = logging.getLogger(__name__)

_NAMES: Final = {row.key: row.name for row in instance_actions.ALL if row.key} | {
    row.name: row.name for row in instance_actions.ALL
}
"""Of actions, by what stands in a body (``os-stop``) and by what is on record."""
_SCHEMAS: Final = {
    kind: Schema(
        body(
            "fault",
            only(
                {"kind": {}} | {name: kinds.VALUES[name] for name in kind.values},
                *("kind", *kind.needs),
            ),
        )
    )
    for kind in kinds.ALL
}


class AtOnce(Protocol):
    """Who carries out what waits for no request."""

    def begin(self, fault: Fault, instance: Instance | None) -> None:
        """Do it; raises Conflict: it cannot be done now, and is not."""
        ...

    def end(self, fault: Fault) -> None:
        """It was taken back."""
        ...


class Orders:
    """What may be ordered, listed and taken back.

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
        self._db = db
        self._parts = parts
        self._kinds = [kind for kind in kinds.ALL if kind.part in parts]
        names = {"enum": [kind.name for kind in self._kinds]}
        self._any = Schema(
            body(
                "fault",
                {
                    "type": "object",
                    "properties": {"kind": names},
                    "required": ["kind"],
                },
            )
        )

    def order(self, sent: Any) -> Fault:
        """Have a fault from now on.

        Args:
            sent: the body of the request.

        Raises:
            Invalid: it is none, or can never strike; nothing was ordered.
            Conflict: it cannot be done now; the same.
        """
        self._any.check(sent)
        kind = kinds.BY_NAME[sent["fault"]["kind"]]
        _SCHEMAS[kind].check(sent)
        values = {name: sent["fault"][name] for name in sent["fault"] if name != "kind"}
        _check_action(kind, values)
        self._check_host(values)
        instance = self._server(values)
        fault = make(kind, values)
        self.faults.add(fault)
        LOG.info("Fault %s was ordered: %s", fault.id, kind.what)
        if kind.at_once:
            self._begin(kind, fault, instance)
        return next(f for f in self.faults.listed() if f.id == fault.id)

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

    def _begin(self, kind: Kind, fault: Fault, instance: Instance | None) -> None:
        carrier = self._parts[kind.part]
        assert carrier is not None
        try:
            carrier.begin(fault, instance)
        except BaseException:
            self.faults.remove(lambda other: other.id == fault.id)
            raise

    def _end(self, removed: list[Fault]) -> None:
        for fault in removed:
            LOG.info("Fault %s was taken back", fault.id)
            carrier = self._parts.get(kind_of(fault).part)
            if carrier is not None:
                carrier.end(fault)

    def _check_host(self, values: Mapping[str, Any]) -> None:
        host = values.get("host")
        if host is None:
            return
        known = {service.host for service in self._db.service_list(down_time=0)}
        if host not in known:
            raise exception.Invalid(f"There is no host {host}.")

    def _server(self, values: dict[str, Any]) -> Instance | None:
        """Find the server, and have its id in the order.

        Of a create it is the name of one that is not there yet.
        """
        wanted = values.get("server")
        if wanted is None:
            return None
        if values.get("action") == CREATE.name:
            if uuidutils.is_uuid_like(wanted):
                raise exception.Invalid(
                    f"Server {wanted} is created already. Say the name of one that is "
                    "to be created."
                )
            return None
        instance = self._find(wanted, values.get("project_id"))
        if values.get("host") not in (None, instance.host):
            raise exception.Invalid(
                f"Server {wanted} is not on host {values['host']}, but on "
                f"{instance.host}."
            )
        values["server"] = instance.uuid
        return instance

    def _find(self, wanted: str, project_id: str | None) -> Instance:
        names = "uuid" if uuidutils.is_uuid_like(wanted) else "display_name"
        found = self._db.instance_list(
            InstanceFilter(project_id=project_id, exact={names: (wanted,)}), 2
        )
        whose = "" if project_id is None else f" in project {project_id}"
        if not found:
            raise exception.Invalid(
                f"There is no server {wanted}{whose}. Only a fault of action create "
                "may name one that is not there yet."
            )
        if len(found) > 1:
            raise exception.Invalid(
                f"Several servers{whose} are called {wanted}. Say which by its id."
            )
        return found[0]


def _check_action(kind: Kind, values: dict[str, Any]) -> None:
    if "action" not in values:
        return
    if "method" in values or "path" in values:
        raise exception.Invalid(
            "An action has a method and a path already. Say either an action, or "
            "method and path."
        )
    name = _NAMES.get(values["action"])
    known = sorted(set(_NAMES.values()))
    if kind is kinds.NO_VALID_HOST:
        known = [CREATE.name, RESIZE.name]
    if name not in known:
        raise exception.Invalid(
            f"There is no action {values['action']} of which that can happen. There "
            f"are {', '.join(known)}."
        )
    values["action"] = name

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks that an order is valid and can strike at all."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from oslo_utils import uuidutils

from minova import exception
from minova.api.faults import kinds
from minova.api.faults.kinds import Kind
from minova.api.validation.schema import Schema
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import CREATE, RESIZE
from minova.vocabulary.parameter_types import body, only

_NAMES: Final = {row.key: row.name for row in instance_actions.ALL if row.key} | {
    row.name: row.name for row in instance_actions.ALL
}
"""Recorded names of actions, by key in a body (``os-stop``) and by name."""
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


class Checks:
    """The checks of an order, for a cloud that has the ``known`` kinds."""

    def __init__(self, db: Database, known: Collection[Kind]) -> None:
        self._db = db
        names = {"enum": [kind.name for kind in known]}
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

    def check(self, sent: Any) -> tuple[Kind, dict[str, Any], Instance | None]:
        """Read an order: return its kind, its values, and the server that it names.

        In the values, the action has its recorded name, and an existing server its id.

        Raises:
            Invalid: the order is malformed, or can never strike.
        """
        self._any.check(sent)
        kind = kinds.BY_NAME[sent["fault"]["kind"]]
        _SCHEMAS[kind].check(sent)
        values = {name: sent["fault"][name] for name in sent["fault"] if name != "kind"}
        _check_action(kind, values)
        self._check_host(values)
        return kind, values, self._server(values)

    def _check_host(self, values: Mapping[str, Any]) -> None:
        host = values.get("host")
        if host is None:
            return
        known = {service.host for service in self._db.service_list(down_time=0)}
        if host not in known:
            raise exception.Invalid(f"There is no host {host}.")

    def _server(self, values: dict[str, Any]) -> Instance | None:
        """Find the server; None for a create, whose server does not exist yet."""
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

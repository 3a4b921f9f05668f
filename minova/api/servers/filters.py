# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The query string of GET /servers → ``InstanceFilter``, by Nova's rules."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from oslo_utils import strutils, timeutils

from minova import exception
from minova.api.backend import Backend
from minova.api.front.request import Request
from minova.api.servers.query_schema import IGNORED_SORT_KEYS, INVALID_FILTERS
from minova.api.servers.status import states_of
from minova.api.validation.schema import Query
from minova.objects.instance_filter import InstanceFilter
from minova.policy import Enforcer
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

_TAGS: Final = ("tags", "tags-any", "not-tags", "not-tags-any")
# The filters of callers who may not use every filter, by first version.
_FOR_EVERYBODY: Final = (
    ((2, 1), ("reservation_id", "name", "status", "image", "flavor", "ip")),
    ((2, 1), ("changes-since", "changes-before", "locked", "all_tenants")),
    ((2, 5), ("ip6",)),
    ((2, 26), _TAGS),
    ((2, 83), ("availability_zone", "config_drive", "key_name", "created_at")),
    ((2, 83), ("launched_at", "terminated_at", "power_state", "task_state")),
    ((2, 83), ("vm_state", "progress", "user_id")),
    ((2, 90), ("hostname",)),
)
# Filters that nobody may use before these versions.
_NOT_BEFORE: Final = {"changes-before": (2, 66), "locked": (2, 73)}
_REGEX_COLUMNS: Final = (
    *("access_ip_v4", "access_ip_v6", "availability_zone", "config_drive"),
    *("created_at", "display_description", "display_name", "hostname", "key_name"),
    *("launched_at", "locked_by", "power_state", "reservation_id", "terminated_at"),
)
_EXACT_COLUMNS: Final = (
    *("host", "image_ref", "launch_index", "task_state", "user_id", "uuid"),
    "vm_state",
)
# Parameter → column; of two parameters for one column, the later entry counts.
_EXACT: Final = {"image": "image_ref"} | {name: name for name in _EXACT_COLUMNS}
_REGEX: Final = {
    "description": "display_description",
    **{name: name for name in _REGEX_COLUMNS},
    "ip": "address",
    "name": "display_name",
    "node": "host",
}
_TIMES: Final = frozenset({"created_at", "launched_at", "terminated_at"})
_SORTED_BY: Final = {
    "auto_disk_config": "disk_config",
    "instance_type_id": "flavorid",
    "node": "host",
}
# Every server has the same value, so these keys sort nothing.
_CONSTANT: Final = frozenset(
    {"kernel_id", "progress", "ramdisk_id", "root_device_name"}
)


def read(req: Request, query: Query, backend: Backend, rule: str) -> InstanceFilter:
    """Read the filters; ignore those that the caller may not use.

    Args:
        rule: the policy rule of the list; ``{rule}:get_all_tenants`` is the rule for
            all projects.

    Raises:
        Invalid: a value or a combination that Nova refuses too.
        Forbidden: a filter asks for something that only an admin may see.
    """
    asked = _allowed(req, query, backend.enforcer)
    for name in asked:
        if name in INVALID_FILTERS or name.startswith("_"):
            raise exception.Invalid(f"Invalid filter field: {name}.")
    exact: dict[str, Any] = {
        column: set(asked[name]) for name, column in _EXACT.items() if name in asked
    }
    regex = {
        column: _time(asked[name][-1]) if name in _TIMES else asked[name][-1]
        for name, column in _REGEX.items()
        if name in asked
    }
    _read_flags(asked, exact)
    since, before = changes({name: values[-1] for name, values in asked.items()})
    deleted = _deleted(asked)
    if "status" in query.all:
        vm_states, task_states = _states(req, query)
        exact["vm_state"] = vm_states
        if task_states is not None:
            exact["task_state"] = task_states
        if vm_states == {VMState.DELETED}:
            if not req.caller.is_admin:
                raise exception.Forbidden(
                    "Only administrators may list deleted instances"
                )
            deleted = True
    # As in Nova, any text that is not empty counts as true, even "False".
    soft_deleted = asked.get("soft_deleted", ["yes" if deleted else ""])[-1]
    project_id = _project_id(req, asked, backend.enforcer, rule, exact)
    if "flavor" in asked:
        # The flavor that has the id now, if the caller may see it.
        sees = None if req.caller.is_admin else project_id
        exact["flavor_uuid"] = backend.flavors.uuids(asked["flavor"], sees)
    tags = {name: tuple(asked.get(name, [""])[-1].split(",")) for name in _TAGS}
    return InstanceFilter(
        project_id=project_id,
        exact=exact,
        regex=regex,
        deleted=deleted,
        soft_deleted_too=bool(soft_deleted),
        changed_since=since,
        changed_before=before,
        tags=_words(tags["tags"]),
        tags_any=_words(tags["tags-any"]),
        not_tags=_words(tags["not-tags"]),
        not_tags_any=_words(tags["not-tags-any"]),
        sort=tuple(_sort(req, query)),
    )


def _allowed(req: Request, query: Query, enforcer: Enforcer) -> dict[str, list[str]]:
    known = {
        name: values
        for name, values in query.all.items()
        if _NOT_BEFORE.get(name, req.version) <= req.version
    }
    if enforcer.allows(req.caller, "os_compute_api:servers:allow_all_filters"):
        return known
    allowed = {
        name
        for first, names in _FOR_EVERYBODY
        if first <= req.version
        for name in names
    }
    return {name: values for name, values in known.items() if name in allowed}


def _read_flags(asked: dict[str, list[str]], exact: dict[str, Any]) -> None:
    if "locked" in asked:
        exact["locked"] = {_flag(asked["locked"][-1])}
    if "auto_disk_config" in asked:
        automatic = strutils.bool_from_string(asked["auto_disk_config"][-1])
        exact["disk_config"] = {"AUTO" if automatic else "MANUAL"}
    if "ip6" in asked:
        # No server has an IPv6 address.
        exact["uuid"] = set()


def _states(
    req: Request, query: Query
) -> tuple[frozenset[VMState], frozenset[TaskState] | None]:
    """Return the states of ``status``; no states for an unknown status.

    Raises:
        Invalid: the status is unknown, since 2.38.
    """
    states = states_of(query.all["status"])
    if states is None and req.version >= (2, 38):
        raise exception.Invalid("Invalid status value")
    return states or (frozenset(), None)


def changes(
    query: Mapping[str, str],
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """Read ``changes-since`` and ``changes-before``; both are optional.

    Raises:
        Invalid: the first is later than the second.
    """
    since, before = (
        timeutils.normalize_time(timeutils.parse_isotime(query[name]))
        if name in query
        else None
        for name in ("changes-since", "changes-before")
    )
    if since is not None and before is not None and before < since:
        raise exception.Invalid(
            "The value of changes-since must be less than or equal to changes-before."
        )
    return since, before


def _deleted(asked: dict[str, list[str]]) -> bool | None:
    """Whether to list deleted servers; None lists all, for a query of changes."""
    if "deleted" in asked:
        return bool(strutils.bool_from_string(asked["deleted"][-1], default=False))
    if "changes-since" in asked or "changes-before" in asked:
        return None
    return False


def _project_id(
    req: Request,
    asked: dict[str, list[str]],
    enforcer: Enforcer,
    rule: str,
    exact: dict[str, Any],
) -> str | None:
    """Return the caller's project, or None for ``all_tenants``, which may name some.

    Raises:
        PolicyNotAuthorized: the caller may not use ``all_tenants``.
    """
    everybody = asked.get("all_tenants")
    # ``?all_tenants`` alone counts as yes, as in Nova.
    if everybody is None or not (everybody[-1] == "" or _flag(everybody[-1])):
        return req.caller.project_id
    enforcer.authorize(req.caller, f"{rule}:get_all_tenants")
    of = asked.get("project_id", asked.get("tenant_id"))
    if of is not None:
        exact["project_id"] = set(of)
    return None


def _sort(req: Request, query: Query) -> Iterable[tuple[str, bool]]:
    """Return columns, each with True for descending, which is the default.

    Raises:
        Invalid: an unknown direction, or more directions than keys.
        Forbidden: only admins may sort by host.
    """
    keys = query.all.get("sort_key", [])
    directions = query.all.get("sort_dir", [])
    if any(direction not in ("asc", "desc") for direction in directions):
        raise _InvalidInput("Unknown sort direction, must be 'desc' or 'asc'")
    if len(directions) > max(len(keys), 1):
        raise _InvalidInput("Sort direction size exceeds sort key size")
    if not keys and directions == ["asc"]:
        keys = ["created_at"]
    default = directions[0] if directions else "desc"
    ignored = [
        key for key in IGNORED_SORT_KEYS if key != "locked" or req.version < (2, 73)
    ]
    for place, key in enumerate(keys):
        if key in ignored:
            continue
        if key in ("host", "node") and not req.caller.is_admin:
            raise exception.Forbidden(f"Only administrators can sort servers by {key}")
        direction = directions[place] if place < len(directions) else default
        if key not in _CONSTANT:
            yield _SORTED_BY.get(key, key), direction == "desc"


class _InvalidInput(exception.Invalid):
    msg_fmt = "Invalid input received: %s"


def _flag(text: str) -> bool:
    """Read yes or no; raises Invalid for another text."""
    try:
        return bool(strutils.bool_from_string(text, strict=True))
    except ValueError as error:
        raise exception.Invalid(str(error)) from None


def _time(text: str) -> str:
    """Write a full ISO time as the database does; keep a part of a time as it is."""
    try:
        time = timeutils.normalize_time(timeutils.parse_isotime(text))
    except (ValueError, OverflowError):
        return text
    return f"^{time:%Y-%m-%d %H:%M:%S}"


def _words(tags: tuple[str, ...]) -> tuple[str, ...]:
    return () if tags == ("",) else tags

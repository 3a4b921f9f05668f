# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of an answer about servers that depend on policy and on other rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from minova.api.front.request import Request
from minova.api.servers.view import Shown
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer

_SHOW: Final = "os_compute_api:servers:show"
_UNKNOWN: Final = "UNKNOWN"


def shown_of(
    req: Request,
    compute_api: API,
    enforcer: Enforcer,
    instances: Sequence[Instance],
    *,
    one: bool = False,
    whole: bool = True,
) -> Shown:
    """Ask about each policy rule once, and the database at most once for each part.

    Args:
        one: whether the answer is about one server, which shows more than a list.
    """
    project_id = instances[0].project_id if one else None

    def allowed(rule: str) -> bool:
        return enforcer.allows(req.caller, rule, project_id)

    host_statuses = None
    hosts = {instance.host for instance in instances if instance.host is not None}
    if req.version >= (2, 16) and instances:
        if allowed(f"{_SHOW}:host_status"):
            # A server without a host has an empty status.
            host_statuses = {"": "", **compute_api.host_statuses(hosts)}
        elif allowed(f"{_SHOW}:host_status:unknown-only"):
            host_statuses = {
                host: status
                for host, status in compute_api.host_statuses(hosts).items()
                if status == _UNKNOWN
            }
    tags: Mapping[str, Sequence[str]] = {}
    groups = None
    if one and req.version >= (2, 71):
        own_tags, groups = compute_api.tags_and_groups_of(req.caller, instances[0])
        tags = {instances[0].uuid: own_tags}
    elif instances and req.version >= (2, 26):
        tags = compute_api.tags_of(instances)
    return Shown(
        host=allowed("os_compute_api:os-extended-server-attributes"),
        host_statuses=host_statuses,
        tags=tags,
        extra_specs=allowed(f"{_SHOW}:flavor-extra-specs"),
        groups=groups,
        whole=whole,
    )

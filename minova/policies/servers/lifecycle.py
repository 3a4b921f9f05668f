# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers."""

from oslo_policy import policy

from minova.policies.checks import ADMIN, MEMBER, READER, rule

_CREATE = "POST /servers"
_LISTS = ("GET /servers", "GET /servers/detail")
_SHOW = "GET /servers/{server_id}"
_UPDATE = "PUT /servers/{server_id}"
_DETAILS = (_SHOW, "GET /servers/detail", _UPDATE)
_ACTION = "POST /servers/{server_id}/action"

RULES = [
    rule("servers:index", READER, "List servers", "GET /servers"),
    rule("servers:detail", READER, "List servers with details", "GET /servers/detail"),
    rule(
        "servers:index:get_all_tenants",
        ADMIN,
        "List the servers of all projects",
        "GET /servers",
    ),
    rule(
        "servers:detail:get_all_tenants",
        ADMIN,
        "List the servers of all projects with their details",
        "GET /servers/detail",
    ),
    rule("servers:allow_all_filters", ADMIN, "List servers with any filter", *_LISTS),
    rule("servers:show", READER, "Show a server", _SHOW),
    rule(
        "servers:show:flavor-extra-specs",
        READER,
        "Show the extra specs of a server's flavor (since 2.47)",
        *_DETAILS,
    ),
    rule(
        "servers:show:host_status",
        ADMIN,
        "Show the status of a server's host (since 2.16)",
        *_DETAILS,
    ),
    rule(
        "servers:show:host_status:unknown-only",
        ADMIN,
        "Show the status of a server's host only if it is unknown (since 2.69)",
        *_DETAILS,
    ),
    rule("servers:create", MEMBER, "Create a server", _CREATE),
    rule(
        "servers:create:forced_host", ADMIN, "Create a server on a chosen host", _CREATE
    ),
    policy.DocumentedRuleDefault(
        "compute:servers:create:requested_destination",
        ADMIN,
        "Create a server on a requested host or hypervisor (since 2.74)",
        [{"method": "POST", "path": "/servers"}],
    ),
    rule(
        "servers:create:attach_volume", MEMBER, "Create a server with a volume", _CREATE
    ),
    rule(
        "servers:create:attach_network", MEMBER, "Create a server on a network", _CREATE
    ),
    rule(
        "servers:create:trusted_certs",
        MEMBER,
        "Create a server with trusted image certificates (since 2.63)",
        _CREATE,
    ),
    rule(
        "servers:create:zero_disk_flavor",
        ADMIN,
        "Create a server with a flavor that has no disk",
        _CREATE,
    ),
    rule(
        "servers:rebuild:trusted_certs",
        MEMBER,
        "Rebuild a server with trusted image certificates (since 2.63)",
        f"{_ACTION} (rebuild)",
    ),
    rule("servers:update", MEMBER, "Update a server", _UPDATE),
    rule("servers:delete", MEMBER, "Delete a server", "DELETE /servers/{server_id}"),
    rule("os-admin-password", MEMBER, "Change the password of a server", _ACTION),
    rule("os-console-output", MEMBER, "Show the console output of a server", _ACTION),
    rule("os-lock-server:lock", MEMBER, "Lock a server", f"{_ACTION} (lock)"),
    rule("os-lock-server:unlock", MEMBER, "Unlock a server", f"{_ACTION} (unlock)"),
    rule(
        "os-lock-server:unlock:unlock_override",
        ADMIN,
        "Unlock a server that an administrator locked",
        f"{_ACTION} (unlock)",
    ),
]

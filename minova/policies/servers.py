# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers."""

from oslo_policy import policy

from minova.policies.checks import ADMIN, MEMBER, READER, rule

_CREATE = "POST /servers"
_LISTS = ("GET /servers", "GET /servers/detail")
_SHOW = "GET /servers/{server_id}"
_UPDATE = "PUT /servers/{server_id}"
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
    rule("servers:allow_all_filters", ADMIN, "List servers by any filter", *_LISTS),
    rule("servers:show", READER, "Show a server", _SHOW),
    rule(
        "servers:show:flavor-extra-specs",
        READER,
        "See the extra specs of a server's flavor (since 2.47)",
        _SHOW,
        "GET /servers/detail",
        _UPDATE,
    ),
    rule(
        "servers:show:host_status",
        ADMIN,
        "See whether a server's host is up (since 2.16)",
        _SHOW,
        "GET /servers/detail",
        _UPDATE,
    ),
    rule(
        "servers:show:host_status:unknown-only",
        ADMIN,
        "See of a server's host that it does not report, and nothing else (since 2.69)",
        _SHOW,
        "GET /servers/detail",
        _UPDATE,
    ),
    rule("servers:create", MEMBER, "Create a server", _CREATE),
    rule("servers:create:forced_host", ADMIN, "Create it on a host", _CREATE),
    policy.DocumentedRuleDefault(
        "compute:servers:create:requested_destination",
        ADMIN,
        "Create it on a host that it names beside the zone (since 2.74)",
        [{"method": "POST", "path": "/servers"}],
    ),
    rule("servers:create:attach_volume", MEMBER, "Create it with a volume", _CREATE),
    rule("servers:create:attach_network", MEMBER, "Create it on a network", _CREATE),
    rule(
        "servers:create:trusted_certs",
        MEMBER,
        "Create it with trusted image certificates (since 2.63)",
        _CREATE,
    ),
    rule(
        "servers:create:zero_disk_flavor",
        ADMIN,
        "Create it with a flavor whose disk is 0",
        _CREATE,
    ),
    rule("servers:update", MEMBER, "Update a server", _UPDATE),
    rule("servers:delete", MEMBER, "Delete a server", "DELETE /servers/{server_id}"),
    rule("os-console-output", MEMBER, "Read the end of a server's console", _ACTION),
    rule("os-lock-server:lock", MEMBER, "Lock a server", f"{_ACTION} (lock)"),
    rule("os-lock-server:unlock", MEMBER, "Unlock a server", f"{_ACTION} (unlock)"),
    rule(
        "os-lock-server:unlock:unlock_override",
        ADMIN,
        "Unlock a server that an admin locked",
        f"{_ACTION} (unlock)",
    ),
]

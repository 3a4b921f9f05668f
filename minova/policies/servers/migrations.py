# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-migrations and /servers/{server_id}/migrations."""

from minova.policies.checks import ADMIN, MANAGER, rule

_LIST = "GET /os-migrations"
_OF_SERVER = "/servers/{server_id}/migrations"
_ONE = f"{_OF_SERVER}/{{migration_id}}"

RULES = [
    rule("os-migrations:index", MANAGER, "List the migrations of a project", _LIST),
    rule(
        "os-migrations:index:all_projects",
        ADMIN,
        "List the migrations of all projects",
        _LIST,
    ),
    rule("os-migrations:index:host", ADMIN, "Show the hosts of migrations", _LIST),
    rule(
        "servers:migrations:index",
        MANAGER,
        "List the live migrations of a server that are in progress",
        f"GET {_OF_SERVER}",
    ),
    rule(
        "servers:migrations:index:host",
        ADMIN,
        "Show the hosts of the live migrations of a server",
        f"GET {_OF_SERVER}",
    ),
    rule(
        "servers:migrations:show",
        ADMIN,
        "Show a live migration of a server that is in progress",
        f"GET {_ONE}",
    ),
    rule(
        "servers:migrations:force_complete",
        MANAGER,
        "Force a live migration of a server to complete",
        f"POST {_ONE}/action (force_complete)",
    ),
    rule(
        "servers:migrations:delete",
        MANAGER,
        "Abort a live migration of a server",
        f"DELETE {_ONE}",
    ),
]

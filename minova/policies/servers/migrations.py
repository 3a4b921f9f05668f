# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of migrations, and of the actions that move a server to another host."""

from minova.policies.checks import ADMIN, MANAGER, rule

_LIST = "GET /os-migrations"
_OF_SERVER = "/servers/{server_id}/migrations"
_ACTION = "POST /servers/{server_id}/action"
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
        "os-migrate-server:migrate",
        MANAGER,
        "Cold-migrate a server",
        f"{_ACTION} (migrate)",
    ),
    rule(
        "os-migrate-server:migrate:host",
        ADMIN,
        "Cold-migrate a server to a chosen host (since 2.56)",
        f"{_ACTION} (migrate)",
    ),
    rule(
        "os-migrate-server:migrate_live",
        MANAGER,
        "Live-migrate a server",
        f"{_ACTION} (os-migrateLive)",
    ),
    rule(
        "os-migrate-server:migrate_live:host",
        ADMIN,
        "Live-migrate a server to a chosen host",
        f"{_ACTION} (os-migrateLive)",
    ),
    rule(
        "os-evacuate",
        ADMIN,
        "Rebuild a server on another host because its host is down",
        f"{_ACTION} (evacuate)",
    ),
    rule(
        "servers:migrations:index",
        MANAGER,
        "List a server's live migrations in progress",
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
        "Show a server's live migration in progress",
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

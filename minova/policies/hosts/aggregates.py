# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-aggregates."""

from minova.policies.checks import ADMIN, rule

_ALL = "/os-aggregates"
_ONE = f"{_ALL}/{{aggregate_id}}"
_ACTION = f"POST {_ONE}/action"

RULES = [
    rule("os-aggregates:index", ADMIN, "List the aggregates", f"GET {_ALL}"),
    rule("os-aggregates:create", ADMIN, "Create an aggregate", f"POST {_ALL}"),
    rule("os-aggregates:show", ADMIN, "Show an aggregate", f"GET {_ONE}"),
    rule(
        "os-aggregates:update",
        ADMIN,
        "Change the name or the zone of an aggregate",
        f"PUT {_ONE}",
    ),
    rule("os-aggregates:delete", ADMIN, "Delete an aggregate", f"DELETE {_ONE}"),
    rule(
        "os-aggregates:add_host",
        ADMIN,
        "Add a host to an aggregate",
        f"{_ACTION} (add_host)",
    ),
    rule(
        "os-aggregates:remove_host",
        ADMIN,
        "Remove a host from an aggregate",
        f"{_ACTION} (remove_host)",
    ),
    rule(
        "os-aggregates:set_metadata",
        ADMIN,
        "Change the metadata of an aggregate",
        f"{_ACTION} (set_metadata)",
    ),
    rule(
        "compute:aggregates:images",
        ADMIN,
        "Ask the hosts of an aggregate to cache images",
        f"POST {_ONE}/images",
    ),
]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-server-groups."""

from minova.policies.checks import ADMIN, MEMBER, READER, rule

_ALL = "/os-server-groups"
_ONE = f"{_ALL}/{{server_group_id}}"

RULES = [
    rule("os-server-groups:create", MEMBER, "Create a server group", f"POST {_ALL}"),
    rule("os-server-groups:delete", MEMBER, "Delete a server group", f"DELETE {_ONE}"),
    rule("os-server-groups:index", READER, "List server groups", f"GET {_ALL}"),
    rule(
        "os-server-groups:index:all_projects",
        ADMIN,
        "List the server groups of all projects",
        f"GET {_ALL}",
    ),
    rule("os-server-groups:show", READER, "Show a server group", f"GET {_ONE}"),
]

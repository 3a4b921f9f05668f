# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers/{server_id}/metadata."""

from minova.policies.checks import MEMBER, READER, rule

_ALL = "/servers/{server_id}/metadata"
_ONE = "/servers/{server_id}/metadata/{key}"

RULES = [
    rule(
        "server-metadata:index", READER, "List the metadata of a server", f"GET {_ALL}"
    ),
    rule(
        "server-metadata:show",
        READER,
        "Show a metadata item of a server",
        f"GET {_ONE}",
    ),
    rule(
        "server-metadata:create",
        MEMBER,
        "Add metadata items to a server",
        f"POST {_ALL}",
    ),
    rule(
        "server-metadata:update_all",
        MEMBER,
        "Replace all metadata of a server",
        f"PUT {_ALL}",
    ),
    rule(
        "server-metadata:update",
        MEMBER,
        "Set a metadata item of a server",
        f"PUT {_ONE}",
    ),
    rule(
        "server-metadata:delete",
        MEMBER,
        "Remove a metadata item of a server",
        f"DELETE {_ONE}",
    ),
]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers/{server_id}/metadata."""

from minova.policies.checks import MEMBER, READER, rule

_ALL = "/servers/{server_id}/metadata"
_ONE = "/servers/{server_id}/metadata/{key}"

RULES = [
    rule("server-metadata:index", READER, "List the metadata", f"GET {_ALL}"),
    rule("server-metadata:show", READER, "Show an item", f"GET {_ONE}"),
    rule("server-metadata:create", MEMBER, "Add items", f"POST {_ALL}"),
    rule("server-metadata:update_all", MEMBER, "Replace all items", f"PUT {_ALL}"),
    rule("server-metadata:update", MEMBER, "Set an item", f"PUT {_ONE}"),
    rule("server-metadata:delete", MEMBER, "Remove an item", f"DELETE {_ONE}"),
]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers/{server_id}/tags, since 2.26."""

from minova.policies.checks import MEMBER, READER, rule

_ALL = "/servers/{server_id}/tags"
_ONE = "/servers/{server_id}/tags/{tag}"

RULES = [
    rule("os-server-tags:index", READER, "List the tags", f"GET {_ALL}"),
    rule("os-server-tags:show", READER, "Check for a tag", f"GET {_ONE}"),
    rule("os-server-tags:update_all", MEMBER, "Replace all tags", f"PUT {_ALL}"),
    rule("os-server-tags:update", MEMBER, "Add a tag", f"PUT {_ONE}"),
    rule("os-server-tags:delete_all", MEMBER, "Remove all tags", f"DELETE {_ALL}"),
    rule("os-server-tags:delete", MEMBER, "Remove a tag", f"DELETE {_ONE}"),
]

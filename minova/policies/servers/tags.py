# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers/{server_id}/tags, since 2.26."""

from minova.policies.checks import MEMBER, READER, rule

_ALL = "/servers/{server_id}/tags"
_ONE = "/servers/{server_id}/tags/{tag}"

RULES = [
    rule("os-server-tags:index", READER, "List the tags of a server", f"GET {_ALL}"),
    rule(
        "os-server-tags:show", READER, "Check whether a server has a tag", f"GET {_ONE}"
    ),
    rule(
        "os-server-tags:update_all",
        MEMBER,
        "Replace all tags of a server",
        f"PUT {_ALL}",
    ),
    rule("os-server-tags:update", MEMBER, "Add a tag to a server", f"PUT {_ONE}"),
    rule(
        "os-server-tags:delete_all",
        MEMBER,
        "Remove all tags of a server",
        f"DELETE {_ALL}",
    ),
    rule(
        "os-server-tags:delete", MEMBER, "Remove a tag from a server", f"DELETE {_ONE}"
    ),
]

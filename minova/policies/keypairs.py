# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-keypairs; a keypair belongs to a user, not to a project."""

from minova.policies.checks import OWNER, rule

_ONE = "/os-keypairs/{keypair_name}"

RULES = [
    rule("os-keypairs:index", OWNER, "List keypairs", "GET /os-keypairs"),
    rule("os-keypairs:create", OWNER, "Create a keypair", "POST /os-keypairs"),
    rule("os-keypairs:show", OWNER, "Show a keypair", f"GET {_ONE}"),
    rule("os-keypairs:delete", OWNER, "Delete a keypair", f"DELETE {_ONE}"),
]

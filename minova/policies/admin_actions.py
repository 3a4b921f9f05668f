# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What only an admin does to a server."""

from minova.policies.checks import ADMIN, rule

RULES = [
    rule(
        "os-admin-actions:reset_state",
        ADMIN,
        "Set a server's state by hand",
        "POST /servers/{server_id}/action (os-resetState)",
    ),
    rule(
        "os-admin-actions:inject_network_info",
        ADMIN,
        "Give a server its network information anew",
        "POST /servers/{server_id}/action (injectNetworkInfo)",
    ),
]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of the actions on a server that only admins may do."""

from minova.policies.checks import ADMIN, rule

RULES = [
    rule(
        "os-admin-actions:reset_state",
        ADMIN,
        "Reset the state of a server",
        "POST /servers/{server_id}/action (os-resetState)",
    ),
    rule(
        "os-admin-actions:inject_network_info",
        ADMIN,
        "Inject network information into a server",
        "POST /servers/{server_id}/action (injectNetworkInfo)",
    ),
]

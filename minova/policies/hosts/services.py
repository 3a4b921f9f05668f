# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-services."""

from minova.policies.checks import ADMIN, rule

_ONE = "/os-services/{service_id}"

RULES = [
    rule("os-services:list", ADMIN, "List the services", "GET /os-services"),
    rule(
        "os-services:update",
        ADMIN,
        "Enable, disable, or force down a service",
        f"PUT {_ONE}",
        "PUT /os-services/enable",
        "PUT /os-services/disable",
        "PUT /os-services/disable-log-reason",
        "PUT /os-services/force-down",
    ),
    rule("os-services:delete", ADMIN, "Delete a service", f"DELETE {_ONE}"),
]

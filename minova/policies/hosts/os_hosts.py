# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-hosts, until 2.42."""

from minova.policies.checks import ADMIN, rule

_ALL = "/os-hosts"
_ONE = f"{_ALL}/{{host_name}}"

RULES = [
    rule("os-hosts:list", ADMIN, "List the hosts", f"GET {_ALL}"),
    rule("os-hosts:show", ADMIN, "Show a host", f"GET {_ONE}"),
    rule("os-hosts:update", ADMIN, "Change a host", f"PUT {_ONE}"),
    rule("os-hosts:reboot", ADMIN, "Reboot a host", f"GET {_ONE}/reboot"),
    rule("os-hosts:shutdown", ADMIN, "Shut a host down", f"GET {_ONE}/shutdown"),
    rule("os-hosts:start", ADMIN, "Start a host", f"GET {_ONE}/startup"),
]

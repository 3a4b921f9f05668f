# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /flavors. Every caller may read flavors, so that has no rule."""

from minova.policies.checks import ADMIN, READER, rule

_FLAVOR = "/flavors/{flavor_id}"
_SPECS = f"{_FLAVOR}/os-extra_specs"
_SPEC = f"{_SPECS}/{{flavor_extra_spec_key}}"

RULES = [
    rule("os-flavor-manage:create", ADMIN, "Create a flavor", "POST /flavors"),
    rule(
        "os-flavor-manage:update",
        ADMIN,
        "Change a flavor's description (since 2.55)",
        f"PUT {_FLAVOR}",
    ),
    rule("os-flavor-manage:delete", ADMIN, "Delete a flavor", f"DELETE {_FLAVOR}"),
    rule(
        "os-flavor-extra-specs:index",
        READER,
        "List extra specs, also as part of a flavor (since 2.61)",
        f"GET {_SPECS}",
        "GET /flavors/detail",
        f"GET {_FLAVOR}",
    ),
    rule("os-flavor-extra-specs:show", READER, "Show an extra spec", f"GET {_SPEC}"),
    rule("os-flavor-extra-specs:create", ADMIN, "Add extra specs", f"POST {_SPECS}"),
    rule("os-flavor-extra-specs:update", ADMIN, "Set an extra spec", f"PUT {_SPEC}"),
    rule(
        "os-flavor-extra-specs:delete", ADMIN, "Remove an extra spec", f"DELETE {_SPEC}"
    ),
    rule(
        "os-flavor-access",
        ADMIN,
        "List the projects that may use a private flavor",
        f"GET {_FLAVOR}/os-flavor-access",
    ),
    rule(
        "os-flavor-access:add_tenant_access",
        ADMIN,
        "Let a project use a private flavor",
        f"POST {_FLAVOR}/action (addTenantAccess)",
    ),
    rule(
        "os-flavor-access:remove_tenant_access",
        ADMIN,
        "Stop a project from using a private flavor",
        f"POST {_FLAVOR}/action (removeTenantAccess)",
    ),
]

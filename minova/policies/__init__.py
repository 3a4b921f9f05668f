# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The policy rules, one module for each resource; names and defaults are Nova's."""

from oslo_policy import policy

from minova.policies import checks, extensions, flavors, keypairs, quotas, usage
from minova.policies.hosts import (
    aggregates,
    availability_zones,
    hypervisors,
    os_hosts,
    services,
)
from minova.policies.servers import (
    actions,
    admin_actions,
    attachments,
    attributes,
    external_events,
    groups,
    guests,
    lifecycle,
    metadata,
    migrations,
    records,
    tags,
)

_MODULES = (
    lifecycle,
    attributes,
    metadata,
    tags,
    records,
    admin_actions,
    guests,
    migrations,
    attachments,
    quotas,
    groups,
    usage,
    keypairs,
    flavors,
    availability_zones,
    hypervisors,
    os_hosts,
    aggregates,
    services,
    external_events,
    extensions,
)


def list_rules() -> list[policy.RuleDefault]:
    """Return every rule; an action of the table adds its own, unless it is listed."""
    rules: list[policy.RuleDefault] = list(checks.RULES)
    for module in _MODULES:
        rules += module.RULES
    listed = {rule.name for rule in rules}
    return rules + [rule for rule in actions.rules() if rule.name not in listed]

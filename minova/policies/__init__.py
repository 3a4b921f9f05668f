# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The rules, a module for each resource; names and defaults are Nova's."""

from oslo_policy import policy

from minova.policies import (
    actions,
    admin_actions,
    aggregates,
    attachments,
    availability_zones,
    checks,
    extensions,
    flavors,
    guests,
    hosts,
    hypervisors,
    instance_actions,
    keypairs,
    migrations,
    quotas,
    server_attributes,
    server_external_events,
    server_groups,
    server_metadata,
    server_tags,
    servers,
    services,
    usage,
)

_MODULES = (
    servers,
    server_attributes,
    server_metadata,
    server_tags,
    instance_actions,
    admin_actions,
    guests,
    migrations,
    attachments,
    quotas,
    server_groups,
    usage,
    keypairs,
    flavors,
    availability_zones,
    hypervisors,
    hosts,
    aggregates,
    services,
    server_external_events,
    extensions,
)


def list_rules() -> list[policy.RuleDefault]:
    """Every rule; an action of the table brings its own, if it is not listed here."""
    rules: list[policy.RuleDefault] = list(checks.RULES)
    for module in _MODULES:
        rules += module.RULES
    listed = {rule.name for rule in rules}
    return rules + [rule for rule in actions.rules() if rule.name not in listed]

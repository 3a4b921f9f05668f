# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The objects that the resources call."""

import dataclasses

from minova.compute_api.aggregates import AggregateAPI
from minova.compute_api.api import API
from minova.compute_api.flavors import FlavorAPI
from minova.compute_api.hosts import HostAPI
from minova.compute_api.keypairs import KeypairAPI
from minova.compute_api.projects.quotas import Quotas
from minova.compute_api.projects.server_groups import ServerGroupAPI
from minova.compute_api.projects.usage import UsageAPI
from minova.policy import Enforcer


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Everything that a resource may call.

    Attributes:
        max_version: the highest version of the API that n-api accepts.
        max_limit: how many items an answer lists at most.
        has_keystone: Keystone knows the projects, so n-api does not serve them.
    """

    compute: API
    flavors: FlavorAPI
    keypairs: KeypairAPI
    quotas: Quotas
    hosts: HostAPI
    aggregates: AggregateAPI
    server_groups: ServerGroupAPI
    usage: UsageAPI
    enforcer: Enforcer
    max_version: tuple[int, int]
    max_limit: int
    has_keystone: bool

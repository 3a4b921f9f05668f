# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of usage and its audits."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.usage.audits import AuditsResource
from minova.api.usage.resource import UsageResource


def routes(backend: Backend) -> list[Route]:
    usage = UsageResource(backend.usage, backend.enforcer, backend.max_limit)
    audits = AuditsResource(backend.hosts, backend.enforcer)
    return [
        Route("/v2.1/os-simple-tenant-usage", usage),
        Route("/v2.1/os-simple-tenant-usage/{tenant_id}", usage, "of_one"),
        Route("/v2.1/os-instance_usage_audit_log", audits),
        Route("/v2.1/os-instance_usage_audit_log/{before}", audits, "before"),
    ]

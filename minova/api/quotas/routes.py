# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths of quotas and limits."""

from minova.api.collaborators import Parts
from minova.api.front.routing import Route
from minova.api.quotas.resource import (
    LimitsResource,
    QuotaClassSetResource,
    QuotaSetResource,
)


def routes(parts: Parts) -> list[Route]:
    quotas = QuotaSetResource(parts.quotas, parts.enforcer)
    classes = QuotaClassSetResource(parts.quotas, parts.enforcer)
    one = "/v2.1/os-quota-sets/{tenant_id}"
    return [
        Route("/v2.1/limits", LimitsResource(parts.quotas, parts.enforcer)),
        Route(one, quotas),
        Route(f"{one}/detail", quotas, "detail"),
        Route(f"{one}/defaults", quotas, "defaults"),
        Route("/v2.1/os-quota-class-sets/{class_name}", classes),
    ]

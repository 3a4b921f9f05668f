# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of quotas and limits."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.quotas.resource import (
    LimitsResource,
    QuotaClassSetResource,
    QuotaSetResource,
)


def routes(backend: Backend) -> list[Route]:
    quotas = QuotaSetResource(backend.quotas, backend.enforcer)
    classes = QuotaClassSetResource(backend.quotas, backend.enforcer)
    one = "/v2.1/os-quota-sets/{tenant_id}"
    return [
        Route("/v2.1/limits", LimitsResource(backend.quotas, backend.enforcer)),
        Route(one, quotas),
        Route(f"{one}/detail", quotas, "detail"),
        Route(f"{one}/defaults", quotas, "defaults"),
        Route("/v2.1/os-quota-class-sets/{class_name}", classes),
    ]

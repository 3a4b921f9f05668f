# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths of what only repeats Nova."""

from minova.api.collaborators import Parts
from minova.api.front.routing import Route
from minova.api.nova_words.aggregates import AggregatesResource
from minova.api.nova_words.extensions import ExtensionResource, ExtensionsResource
from minova.api.nova_words.projects import ProjectResource


def routes(parts: Parts) -> list[Route]:
    projects = Route("/v2.1/projects/{project_id}", ProjectResource())
    return [
        *([] if parts.has_keystone else [projects]),
        Route("/v2.1/os-aggregates", AggregatesResource(parts.enforcer)),
        Route("/v2.1/extensions", ExtensionsResource(parts.enforcer)),
        Route("/v2.1/extensions/{alias}", ExtensionResource(parts.enforcer)),
    ]

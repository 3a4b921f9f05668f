# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes that only repeat Nova."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.nova_words.extensions import ExtensionsResource
from minova.api.nova_words.projects import ProjectResource


def routes(backend: Backend) -> list[Route]:
    projects = Route("/v2.1/projects/{project_id}", ProjectResource())
    extensions = ExtensionsResource(backend.enforcer)
    return [
        *([] if backend.has_keystone else [projects]),
        Route("/v2.1/extensions", extensions),
        Route("/v2.1/extensions/{alias}", extensions, "one"),
    ]

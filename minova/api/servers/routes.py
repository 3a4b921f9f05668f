# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths below /servers."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.servers.actions.resource import ServerActionResource
from minova.api.servers.addresses.resource import AddressesResource
from minova.api.servers.collection import ServersResource
from minova.api.servers.diagnostics.resource import DiagnosticsResource
from minova.api.servers.metadata.resource import (
    ServerMetadataItemResource,
    ServerMetadataResource,
)
from minova.api.servers.one import ServerResource
from minova.api.servers.records.resource import (
    InstanceActionResource,
    InstanceActionsResource,
)
from minova.api.servers.security_groups import SecurityGroupsResource
from minova.api.servers.tags.resource import ServerTagResource, ServerTagsResource


def routes(backend: Backend) -> list[Route]:
    both = (backend.compute, backend.enforcer)
    servers = ServersResource(backend)
    one = "/v2.1/servers/{server_id}"
    records = f"{one}/os-instance-actions"
    addresses = AddressesResource(*both)
    return [
        Route("/v2.1/servers", servers),
        Route("/v2.1/servers/detail", servers, "detail"),
        Route(one, ServerResource(*both)),
        Route(f"{one}/action", ServerActionResource(*both)),
        Route(f"{one}/metadata", ServerMetadataResource(*both)),
        Route(f"{one}/metadata/{{key}}", ServerMetadataItemResource(*both)),
        Route(f"{one}/tags", ServerTagsResource(*both)),
        Route(f"{one}/tags/{{tag}}", ServerTagResource(*both)),
        Route(records, InstanceActionsResource(*both, backend.max_limit)),
        Route(f"{records}/{{request_id}}", InstanceActionResource(*both)),
        Route(f"{one}/diagnostics", DiagnosticsResource(*both)),
        Route(f"{one}/ips", addresses),
        Route(f"{one}/ips/{{label}}", addresses, "one"),
        Route(f"{one}/os-security-groups", SecurityGroupsResource(*both)),
    ]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of a server's ports and volumes."""

from minova.api.attachments.interfaces import InterfaceResource, InterfacesResource
from minova.api.attachments.volumes import VolumeResource, VolumesResource
from minova.api.backend import Backend
from minova.api.front.routing import Route


def routes(backend: Backend) -> list[Route]:
    both = (backend.compute, backend.enforcer)
    ports = "/v2.1/servers/{server_id}/os-interface"
    volumes = "/v2.1/servers/{server_id}/os-volume_attachments"
    return [
        Route(ports, InterfacesResource(*both)),
        Route(f"{ports}/{{port_id}}", InterfaceResource(*both)),
        Route(volumes, VolumesResource(*both)),
        Route(f"{volumes}/{{volume_id}}", VolumeResource(*both)),
    ]

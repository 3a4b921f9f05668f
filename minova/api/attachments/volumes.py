# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-volume_attachments: a request that needs Cinder gets a 500.

No server has a volume.
"""

from typing import NoReturn

import falcon

from minova import exception
from minova.api.attachments.schema import VOLUME_ATTACH, VOLUME_UPDATE, VOLUMES_QUERY
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.compute_api.attachments import VOLUME
from minova.objects.instance import Instance
from minova.policy import Enforcer


class _Volumes:
    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def _get(self, req: Request, server_id: str) -> Instance:
        return self._compute_api.get(req.caller, server_id)

    def _authorize(self, req: Request, instance: Instance, verb: str) -> None:
        rule = f"os_compute_api:os-volumes-attachments:{verb}"
        self._enforcer.authorize(req.caller, rule, instance.project_id)


class VolumesResource(_Volumes):
    """The list of volumes of a server, always empty."""

    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        VOLUMES_QUERY.of(req.version).read(req.query_string)
        self._authorize(req, self._get(req, server_id), "index")
        resp.media = {"volumeAttachments": []}

    def on_post(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Refuse to attach a volume.

        Raises:
            Invalid: 400.
            Conflict: the server is locked, or in the wrong state; 409.
            NotInCatalog: otherwise; 500.
        """
        VOLUME_ATTACH.of(req.version).check(req.read_json())
        instance = self._get(req, server_id)
        self._authorize(req, instance, "create")
        self._compute_api.attach_volume(req.caller, instance)


class VolumeResource(_Volumes):
    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, volume_id: str
    ) -> NoReturn:
        """Raises VolumeNotAttached: 404."""
        self._authorize(req, self._get(req, server_id), "show")
        raise exception.VolumeNotAttached(server_id, volume_id)

    def on_put(
        self, req: Request, resp: falcon.Response, server_id: str, volume_id: str
    ) -> NoReturn:
        """Refuse to swap the volume or, since 2.85, to change how it is attached.

        Raises:
            Invalid: 400.
            NotInCatalog: until 2.84; 500.
            VolumeMappingNotFound: since 2.85; 404.
        """
        body = req.read_json()
        VOLUME_UPDATE.of(req.version).check(body)
        instance = self._get(req, server_id)
        swaps = body["volumeAttachment"]["volumeId"] != volume_id
        changes = req.version >= (2, 85)
        self._authorize(req, instance, "swap" if swaps or not changes else "update")
        if changes:
            raise exception.VolumeMappingNotFound(volume_id)
        self._compute_api.ask(VOLUME)

    def on_delete(
        self, req: Request, resp: falcon.Response, server_id: str, volume_id: str
    ) -> NoReturn:
        """Raises NotInCatalog: 500, because Nova asks Cinder first."""
        self._authorize(req, self._get(req, server_id), "delete")
        self._compute_api.ask(VOLUME)

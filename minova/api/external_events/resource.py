# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-server-external-events: events from other services about servers."""

from typing import Any

import falcon
from oslo_log import log as logging

from minova import exception
from minova.api.external_events.schema import EVENTS_CREATE
from minova.api.front.request import Request
from minova.compute_api.api import API
from minova.policy import Enforcer

LOG = logging.getLogger(__name__)

_TAKEN = 200
_WANT_A_TAG = frozenset(
    {"volume-extended", "power-update", "accelerator-request-bound"}
)


class ServerExternalEventsResource:
    """Accepts events and logs them. Nothing in minova waits for one."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Accept events: 200 if all are accepted, otherwise 207."""
        body = req.read_json()
        EVENTS_CREATE.of(req.version).check(body)
        self._enforcer.authorize(
            req.caller, "os_compute_api:os-server-external-events:create"
        )
        events = [self._take(req, event) for event in body["events"]]
        all_taken = all(event["code"] == _TAKEN for event in events)
        resp.status = falcon.HTTP_200 if all_taken else falcon.HTTP_207
        resp.media = {"events": events}

    def _take(self, req: Request, event: dict[str, Any]) -> dict[str, Any]:
        uuid = event["server_uuid"]
        try:
            # The caller is a service or an admin, so the server may be of any project.
            instance = self._compute_api.get_any(uuid)
        except exception.InstanceNotFound:
            return event | {"status": "failed", "code": 404}
        if event["name"] in _WANT_A_TAG and "tag" not in event:
            return event | {"status": "failed", "code": 400}
        if instance.host is None:
            return event | {"status": "failed", "code": 422}
        LOG.info(
            "Creating event %s:%s for instance %s on %s",
            event["name"],
            event.get("tag"),
            uuid,
            instance.host,
        )
        # As in Nova for every accepted event.
        return event | {"status": "completed", "code": _TAKEN}

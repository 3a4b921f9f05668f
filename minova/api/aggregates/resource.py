# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-aggregates, for admins."""

from typing import Final

import falcon

from minova import exception
from minova.api.aggregates import schema as schemas
from minova.api.aggregates import view as views
from minova.api.front.microversion import since
from minova.api.front.request import Request, one_action, parse_json
from minova.api.validation.ids import integer
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.aggregates import AggregateAPI
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-aggregates"


class _Aggregates:
    def __init__(self, aggregates: AggregateAPI, enforcer: Enforcer) -> None:
        self._aggregates = aggregates
        self._enforcer = enforcer

    def _authorize(self, req: Request, verb: str) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:{verb}")


class AggregatesResource(_Aggregates):
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._authorize(req, "index")
        found = self._aggregates.get_all()
        resp.media = {"aggregates": [views.detail(req, one) for one in found]}

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Create an aggregate.

        Raises:
            Invalid: 400.
            AggregateNameExists: 409.
        """
        body = req.read_json()
        schemas.AGGREGATE_CREATE.check(body)
        self._authorize(req, "create")
        wanted = body["aggregate"]
        made = self._aggregates.create(wanted["name"], wanted.get("availability_zone"))
        resp.media = {"aggregate": views.created(req, made)}


class AggregateResource(_Aggregates):
    """One aggregate. Every method may raise AggregateNotFound: 404."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, aggregate_id: str) -> None:
        self._authorize(req, "show")
        found = self._aggregates.get(integer(aggregate_id))
        resp.media = {"aggregate": views.detail(req, found)}

    def on_put(self, req: Request, resp: falcon.Response, aggregate_id: str) -> None:
        """Change the name, the zone, or both.

        Raises:
            Invalid: also if the hosts may not be in the new zone; 400.
            AggregateNameExists: 409.
        """
        body = req.read_json()
        schemas.AGGREGATE_UPDATE.check(body)
        self._authorize(req, "update")
        wanted = dict(body["aggregate"])
        name = wanted.pop("name", None)
        changed = self._aggregates.update(
            integer(aggregate_id), name and name.strip(), wanted
        )
        resp.media = {"aggregate": views.detail(req, changed)}

    def on_delete(self, req: Request, resp: falcon.Response, aggregate_id: str) -> None:
        """Raises AggregateNotEmpty: 400."""
        self._authorize(req, "delete")
        self._aggregates.delete(integer(aggregate_id))
        resp.content_type = falcon.MEDIA_JSON


class AggregateActionResource(_Aggregates):
    """The actions that change the hosts and the metadata of an aggregate."""

    def on_post(self, req: Request, resp: falcon.Response, aggregate_id: str) -> None:
        """Do the action that the only key of the body names.

        Raises:
            Invalid: 400.
            NotFound: there is no such aggregate or host; 404.
            Conflict: the host is already in it, or may not change its zone; 409.
        """
        body = parse_json(req.read_body())
        action, value = one_action(body)
        if action not in schemas.ACTIONS:
            raise exception.NoSuchAction(action)
        schemas.ACTIONS[action].check(body)
        self._authorize(req, action)
        key = integer(aggregate_id)
        if action == "set_metadata":
            changed = self._aggregates.set_metadata(key, value["metadata"])
        elif action == "add_host":
            changed = self._aggregates.add_host(key, value["host"])
        else:
            changed = self._aggregates.remove_host(key, value["host"])
        resp.media = {"aggregate": views.detail(req, changed)}


class AggregateImagesResource(_Aggregates):
    """Images that the hosts of an aggregate fetch before a server needs them."""

    @since("2.81")
    def on_post(self, req: Request, resp: falcon.Response, aggregate_id: str) -> None:
        """Accept the request: 202.

        Raises:
            Invalid: also if an image is named twice; 400.
        """
        body = req.read_json()
        schemas.CACHE_IMAGES.check(body)
        self._enforcer.authorize(req.caller, "compute:aggregates:images")
        key = integer(aggregate_id)
        image_ids = [image["id"] for image in body["cache"]]
        if len(set(image_ids)) < len(image_ids):
            raise exception.Invalid("Duplicate images in request")
        self._aggregates.cache_images(key, image_ids)
        resp.status = falcon.HTTP_202

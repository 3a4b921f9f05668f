# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova/v1 of a cloud in one process (``minova.local``), for every caller."""

from typing import Any, Final, Protocol

import falcon

from minova.api.front.request import Request
from minova.api.own_api.shapes import answer
from minova.api.own_api.views import local as views
from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import NAME, UUID, body, only

_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_RESET: Final = Schema(body("reset", only({"project_id": _TEXT, "user_id": _TEXT})))
_IMAGE: Final = Schema(
    body(
        "image",
        only(
            {
                "id": UUID,
                "name": NAME,
                "min_ram": _NUMBER,
                "min_disk": _NUMBER,
                "properties": {"type": "object"},
            },
            *("id", "name"),
        ),
    )
)


class LocalCloud(Protocol):
    """The cloud, as the resources call it."""

    def describe(self) -> dict[str, Any]:
        """Describe the parts of the cloud, and how much it has."""
        ...

    def requests(self, project_id: str | None) -> list[dict[str, Any]]:
        """Return the requests of one project, or of all, the oldest first."""
        ...

    def reset(self, project_id: str | None, user_id: str | None) -> None:
        """Reset the cloud to its start, or remove all that one project has.

        Args:
            user_id: the user whose keypairs are removed too; without Keystone, the user
                with the project's name.
        """
        ...

    def add_image(self, described: dict[str, Any]) -> None:
        """Add an image for guests of the fake driver."""
        ...


class _Local:
    def __init__(self, local: LocalCloud) -> None:
        self._local = local


class CloudResource(_Local):
    """The answer of ``minova status``."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.CLOUD, views.cloud(self._local.describe()))


class RequestsResource(_Local):
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        sent = self._local.requests(req.get_param("project_id"))
        answer(req, resp, views.REQUESTS, views.requests(sent))


class ResetResource(_Local):
    """The reset of ``minova reset``."""

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Reset, then answer; raises Invalid: 400, Conflict: 409."""
        sent = req.read_json()
        _RESET.check(sent)
        wanted = sent["reset"]
        self._local.reset(wanted.get("project_id"), wanted.get("user_id"))
        resp.status = falcon.HTTP_204


class ImagesResource(_Local):
    """Images without data."""

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Create or replace an image; raises Invalid: 400."""
        sent = req.read_json()
        _IMAGE.check(sent)
        self._local.add_image(sent["image"])
        resp.status = falcon.HTTP_204

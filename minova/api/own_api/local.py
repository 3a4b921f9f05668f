# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova/v1 of a cloud in one process (``minova.local``), to whoever uses it."""

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
    """What can be asked of it."""

    def describe(self) -> dict[str, Any]:
        """Where it has what, and how much there is."""
        ...

    def requests(self, project_id: str | None) -> list[dict[str, Any]]:
        """What was sent to it, the oldest first; of all projects, or of one."""
        ...

    def reset(self, project_id: str | None, user_id: str | None) -> None:
        """Make it as it was at its start, or remove all that one project has.

        Args:
            user_id: whose keypairs go with the project; the user of the project's name,
                without Keystone.
        """
        ...

    def add_image(self, described: dict[str, Any]) -> None:
        """Have an image that guests of the fake driver can be made of."""
        ...


class _Local:
    def __init__(self, local: LocalCloud) -> None:
        self._local = local


class CloudResource(_Local):
    """What ``minova status`` says."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.CLOUD, views.cloud(self._local.describe()))


class RequestsResource(_Local):
    """The journal."""

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        sent = self._local.requests(req.get_param("project_id"))
        answer(req, resp, views.REQUESTS, views.requests(sent))


class ResetResource(_Local):
    """What ``minova reset`` does."""

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Answer when it is done; raises Invalid: 400."""
        sent = req.read_json()
        _RESET.check(sent)
        wanted = sent["reset"]
        self._local.reset(wanted.get("project_id"), wanted.get("user_id"))
        resp.status = falcon.HTTP_204


class ImagesResource(_Local):
    """Images without any bytes."""

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Make one, or make it anew; raises Invalid: 400."""
        sent = req.read_json()
        _IMAGE.check(sent)
        self._local.add_image(sent["image"])
        resp.status = falcon.HTTP_204

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The requests that Terraform sends during a server's life.

They follow the source of terraform-provider-openstack at 27f26125 (2026-07-16):
``resource_openstack_compute_ instance_v2.go`` and ``…_keypair_v2.go``. The setting
``network_mode = "auto"`` does not ask Neutron. gophercloud 2.13 sends a version only
where the provider raises it.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from keystoneauth1 import adapter


class Request(NamedTuple):
    """One request.

    Attributes:
        path: with ``{id}`` for the server's id. The prefix ``image:`` means the Image
            API.
        version: the microversion that the provider sends, if it raises it.
        until: the statuses of the server that the provider polls for.
    """

    method: str
    path: str
    body: Any = None
    version: str | None = None
    until: tuple[str, ...] = ()


def _act(body: dict[str, Any], *until: str) -> Iterator[Request]:
    yield Request("POST", "/servers/{id}/action", body)
    yield Request("GET", "/servers/{id}", until=until)


READ = (
    Request("GET", "/servers/{id}"),
    # The provider asks again to read the networks.
    Request("GET", "/servers/{id}"),
    Request("GET", "/flavors/{flavor}"),
    Request("GET", "image:/v2/images/{image}"),
    Request("GET", "/servers/{id}/tags", version="2.26"),
)
"""``terraform plan``, and the end of each apply."""

CREATE = (
    Request(
        "POST",
        "/os-keypairs",
        {"keypair": {"name": "tf", "public_key": "{public_key}"}},
    ),
    Request("GET", "/os-keypairs/tf"),
    Request("GET", "image:/v2/images?name=minova-tick"),
    Request("GET", "/flavors/detail"),
    Request(
        "POST",
        "/servers",
        {
            "server": {
                "name": "terraform",
                "imageRef": "{image}",
                "flavorRef": "{flavor}",
                "networks": "auto",
                "config_drive": False,
                "metadata": {"colour": "blue", "shape": "round"},
                "tags": ["tf"],
                "key_name": "tf",
                "user_data": "",
            }
        },
        version="2.52",
    ),
    Request("GET", "/servers/{id}", version="2.52", until=("ACTIVE",)),
)

UPDATES = {
    "name": (Request("PUT", "/servers/{id}", {"server": {"name": "renamed"}}),),
    "power_state = paused": tuple(_act({"pause": None}, "PAUSED")),
    "power_state = active, of paused": tuple(_act({"unpause": None}, "ACTIVE")),
    "power_state = shutoff": tuple(_act({"os-stop": None}, "SHUTOFF")),
    "power_state = active": tuple(_act({"os-start": None}, "ACTIVE")),
    "metadata": (
        Request("DELETE", "/servers/{id}/metadata/shape"),
        Request("POST", "/servers/{id}/metadata", {"metadata": {"colour": "red"}}),
    ),
    "flavor_name": (
        Request("GET", "/flavors/detail"),
        *_act({"resize": {"flavorRef": "{larger}"}}, "VERIFY_RESIZE"),
        *_act({"confirmResize": None}, "ACTIVE", "SHUTOFF"),
    ),
    "image_id": tuple(_act({"rebuild": {"imageRef": "{image}"}}, "ACTIVE", "SHUTOFF")),
    "tags": (
        Request("PUT", "/servers/{id}/tags", {"tags": ["a", "b"]}, version="2.26"),
    ),
}

DESTROY = (
    *_act({"os-stop": None}, "SHUTOFF"),
    Request("DELETE", "/servers/{id}"),
    Request("GET", "/servers/{id}", until=("DELETED",)),
    Request("DELETE", "/os-keypairs/tf"),
)
"""With ``stop_before_destroy``."""


class Player:
    """Sends the requests that Terraform would send.

    Attributes:
        known: values for the braces in paths and bodies.
    """

    def __init__(
        self, compute: adapter.Adapter, images: adapter.Adapter, **known: str
    ) -> None:
        self._compute = compute
        self._images = images
        self.known = known

    def play(self, requests: tuple[Request, ...]) -> list[Any]:
        """Send requests, which must succeed. Return the JSON of each answer."""
        return [self._play(request) for request in requests]

    def _play(self, request: Request) -> Any:
        deadline = time.monotonic() + 20
        while True:
            answered, status = self._send(request)
            if not request.until or status in request.until:
                return answered
            assert time.monotonic() < deadline, (request, answered)
            time.sleep(0.02)

    def _send(self, request: Request) -> tuple[Any, str]:
        path = request.path.format(**self.known)
        asked = self._images if path.startswith("image:") else self._compute
        headers = {}
        if request.version:
            headers["X-OpenStack-Nova-API-Version"] = request.version
            headers["OpenStack-API-Version"] = f"compute {request.version}"
        answer = asked.request(
            path.removeprefix("image:"),
            request.method,
            headers=headers,
            raise_exc=False,
            **({} if request.body is None else {"json": self._filled(request.body)}),
        )
        if answer.status_code == 404 and "DELETED" in request.until:
            return None, "DELETED"
        assert answer.status_code < 300, (request, answer.status_code, answer.text)
        answered: Any = answer.json() if answer.content else {}
        if request.path == "/servers":
            self.known["id"] = answered["server"]["id"]
        return answered, answered.get("server", {}).get("status", "")

    def _filled(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {key: self._filled(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self._filled(each) for each in body]
        return body.format(**self.known) if isinstance(body, str) else body

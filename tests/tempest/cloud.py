# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Make what Tempest needs in a cloud for one run, and remove it afterwards.

It uses the standard library only, because Tempest's environment does not have minova's
libraries.
"""

import contextlib
import dataclasses
import json
import pathlib
import shutil
import uuid
from collections.abc import Iterator
from typing import Any
from urllib import error, request


@dataclasses.dataclass(frozen=True, slots=True)
class Cloud:
    """A stack with Keystone, as its admin sees it."""

    auth_url: str
    compute_url: str
    token: str

    @classmethod
    def log_in(cls, auth_url: str, compute_url: str, password: str) -> "Cloud":
        """Get a token for ``admin`` in the project ``admin``."""
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": password}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": domain}},
            }
        }
        with send("POST", f"{auth_url}/auth/tokens", body) as answer:
            return cls(auth_url, compute_url, answer.headers["X-Subject-Token"])

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        """Send a request and return the JSON of the answer, or None.

        Raises:
            urllib.error.HTTPError: the answer is an error.
        """
        with send(method, url, body, self.token) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @contextlib.contextmanager
    def network_endpoint(self, url: str) -> Iterator[None]:
        """Add a service of type ``network`` to the catalog."""
        services, endpoints = f"{self.auth_url}/services", f"{self.auth_url}/endpoints"
        for left in self.ask("GET", f"{services}?type=network")["services"]:
            self.ask("DELETE", f"{services}/{left['id']}")  # of a killed run
        service = {"service": {"type": "network", "name": "stand-in"}}
        service_id = self.ask("POST", services, service)["service"]["id"]
        try:
            endpoint = {"service_id": service_id, "interface": "public", "url": url}
            endpoint["region_id"] = "RegionOne"
            self.ask("POST", endpoints, {"endpoint": endpoint})
            yield
        finally:
            self.ask("DELETE", f"{services}/{service_id}")

    @contextlib.contextmanager
    def image_endpoint(self, url: str) -> Iterator[None]:
        """Set the URL of the catalog's ``image`` service for the duration."""
        services, endpoints = f"{self.auth_url}/services", f"{self.auth_url}/endpoints"
        (service,) = self.ask("GET", f"{services}?type=image")["services"]
        query = f"service_id={service['id']}&interface=public"
        (former,) = self.ask("GET", f"{endpoints}?{query}")["endpoints"]
        endpoint = f"{endpoints}/{former['id']}"
        self.ask("PATCH", endpoint, {"endpoint": {"url": url}})
        try:
            yield
        finally:
            self.ask("PATCH", endpoint, {"endpoint": {"url": former["url"]}})

    @contextlib.contextmanager
    def admin_among_services(self, user: str) -> Iterator[None]:
        """Give a user the role ``admin`` in the project ``service`` for a while."""
        user_id, project, role = (
            self.ask("GET", f"{self.auth_url}/{kind}?name={name}")[kind][0]["id"]
            for kind, name in (
                ("users", user),
                ("projects", "service"),
                ("roles", "admin"),
            )
        )
        grant = f"{self.auth_url}/projects/{project}/users/{user_id}/roles/{role}"
        self.ask("PUT", grant)
        try:
            yield
        finally:
            self.ask("DELETE", grant)

    @contextlib.contextmanager
    def flavor(self, name: str, ram: int) -> Iterator[str]:
        """Create a small flavor and return its id."""
        flavors = f"{self.compute_url}/flavors"
        for left in self.ask("GET", flavors)["flavors"]:
            if left["name"] == name:
                self.ask("DELETE", f"{flavors}/{left['id']}")
        flavor = {"name": name, "ram": ram, "vcpus": 1, "disk": 1}
        flavor_id: str = self.ask("POST", flavors, {"flavor": flavor})["flavor"]["id"]
        try:
            yield flavor_id
        finally:
            with contextlib.suppress(error.HTTPError):
                self.ask("DELETE", f"{flavors}/{flavor_id}")


@contextlib.contextmanager
def second_image(image: pathlib.Path) -> Iterator[tuple[str, str]]:
    """Yield two image ids: one from an image's folder, and a temporary copy."""
    description = json.loads((image / "image.json").read_text())
    copy = image.with_name(f"{image.name}-of-tempest")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(image, copy)
    first_id = description["id"]
    description |= {"id": str(uuid.uuid4()), "name": copy.name}
    (copy / "image.json").write_text(json.dumps(description))
    try:
        yield first_id, description["id"]
    finally:
        shutil.rmtree(copy)


def send(method: str, url: str, body: Any = None, token: str | None = None) -> Any:
    """Send a request: bytes as they are, other bodies as JSON. The caller closes.

    Raises:
        urllib.error.HTTPError: the answer is an error, or a choice.
    """
    raw = isinstance(body, bytes)
    kind = "application/octet-stream" if raw else "application/json"
    headers = {"Content-Type": kind, "Accept": "application/json"}
    if token is not None:
        headers["X-Auth-Token"] = token
    data = body if raw or body is None else json.dumps(body).encode()
    asked = request.Request(url, data, headers, method=method)
    # Ignore proxies of the environment, because the stack is on this machine.
    opener = request.build_opener(request.ProxyHandler({}))
    return opener.open(asked, timeout=60)

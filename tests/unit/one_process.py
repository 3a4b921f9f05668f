# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A whole cloud in this process: n-api, n-cpu, the fake driver, and no broker."""

import json
import pathlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from falcon import testing

from minova import conf as options
from minova import connections
from minova.cmd import n_cpu
from minova.compute.leaving import Ending
from minova.wsgi import n_api
from tests import tick_image
from tests.real_servers import wait_until
from tests.tick_image import TICK


class Cloud:
    """A cloud made by the product's own functions. Several can run in one process.

    Attributes:
        folder: the folder of its database and images.
    """

    def __init__(self, folder: pathlib.Path, options_too: str = "") -> None:
        self.folder = folder
        file = folder / "minova.conf"
        file.write_text(
            "[DEFAULT]\nhost = host-1\ntransport_url = in-process://\n"
            f"state_path = {folder}\n"
            f"allow_resize_to_same_host = true\n{options_too}\n"
            f"[database]\nconnection = sqlite:///{folder}/minova.sqlite\n"
            "[compute]\ndriver = fake\n"
            # Tests of quotas set some for their own projects.
            "[quota]\ninstances = -1\ncores = -1\nram = -1\n"
        )
        self.conf = options.create("")
        self.conf(["--config-file", str(file)])
        self.connections = connections.create(self.conf)
        self.api = n_api.Application(self.conf, self.connections)
        self._host = n_cpu.create_service(self.conf, "boot", self.connections, _go_on)
        self._run = threading.Thread(target=self._host.run)

    def start(self) -> None:
        self._run.start()
        wait_until(self._is_up, 10, "the host is up")

    def close(self) -> None:
        """End its threads. Those of n-cpu first finish their work."""
        self._host.terminate()
        self._run.join()
        self.api.close()
        self.connections.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "demo:demo",
        version: str = "2.1",
    ) -> testing.Result:
        """Send a request to n-api, as a WSGI server does.

        ``simulate_request`` allows no Content-Type in a 204, but Nova sends one.
        """
        path, _, query = f"/v2.1{path}".partition("?")
        environ = testing.create_environ(
            path,
            query_string=query,
            method=method,
            host="127.0.0.1",
            body="" if body is None else json.dumps(body),
            headers={
                "X-Auth-Token": token,
                "Content-Type": "application/json",
                "OpenStack-API-Version": f"compute {version}",
            },
        )
        started = testing.StartResponseMock()
        said = self.api(environ, started)
        return testing.Result(said, str(started.status), started.headers or [])

    def delete(self, server_id: str, *, token: str = "demo:demo") -> testing.Result:
        return self.ask("DELETE", f"/servers/{server_id}", token=token)

    def create_server(self, name: str = "one", **values: Any) -> str:
        """Create a server, wait until it is ACTIVE, and return its id."""
        server = {"name": name, "imageRef": TICK, "flavorRef": "42"} | values
        answer = self.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json["server"]["id"]
        self.wait_for(server_id, "ACTIVE")
        return server_id

    def act(self, server_id: str, action: str) -> testing.Result:
        return self.ask("POST", f"/servers/{server_id}/action", {action: None})

    def show(self, server_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/servers/{server_id}", token="admin")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json["server"]
        return shown

    def wait_for(self, server_id: str, status: str, timeout: float = 10) -> None:
        """Wait for a status without a task."""

        def reached() -> bool:
            server = self.show(server_id)
            return server["status"] == status and not server["OS-EXT-STS:task_state"]

        wait_until(reached, timeout, f"{server_id} is {status}")

    def _is_up(self) -> bool:
        services = self.ask("GET", "/os-services", token="admin").json["services"]
        return any(service["state"] == "up" for service in services)


def _go_on(_ending: Ending, why: str) -> None:
    raise AssertionError(why)


@contextmanager
def running(
    folder: pathlib.Path, migrated: pathlib.Path, options_too: str = ""
) -> Iterator[Cloud]:
    """A cloud with a copy of a database and the image of every test.

    Args:
        options_too: lines for [DEFAULT].
    """
    folder.mkdir()
    (folder / "minova.sqlite").write_bytes(migrated.read_bytes())
    tick_image.put(folder / "images")
    cloud = Cloud(folder, options_too)
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.close()

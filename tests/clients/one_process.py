# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova up`` for clients, with or without Keystone."""

import json
import pathlib
import subprocess
from typing import Any

from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3

from tests.clients.running import run_client
from tests.unit.cmd.local_cloud import Up


class OneProcess:
    """All that a client must know.

    Attributes:
        auth_url: the URL of Keystone, or None.
        url: the URL of the Compute API.
        environment: the variables that clients read. ``minova`` is the admin's cloud.
    """

    def __init__(self, running: Up, home: pathlib.Path) -> None:
        self.url = f"{running.url}/v2.1"
        self.auth_url: str | None = running.said["identity_url"]
        self._clouds = pathlib.Path(running.said["clouds_yaml"])
        self.environment = {
            "HOME": str(home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OS_CLIENT_CONFIG_FILE": str(self._clouds),
            # Guests of the fake driver never say that they have booted.
            "GUESTS_BOOT": "0",
        }
        if self.auth_url:
            # These are for clients that do not read clouds.yaml. They act as the admin.
            auth = self._cloud("minova")["auth"]
            self.environment |= {
                "OS_AUTH_URL": auth["auth_url"],
                "OS_USERNAME": auth["username"],
                "OS_PASSWORD": auth["password"],
                "OS_PROJECT_NAME": auth["project_name"],
                "OS_REGION_NAME": "RegionOne",
            }

    def run(
        self, *command: str | pathlib.Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return run_client(command, self.environment | environment)

    def adapter(self, cloud: str, service: str) -> adapter.Adapter:
        """Return keystoneauth's adapter, found by Keystone's catalog."""
        auth = v3.Password(**self._cloud(cloud)["auth"])
        return adapter.Adapter(session.Session(auth=auth), service_type=service)

    def _cloud(self, name: str) -> dict[str, Any]:
        clouds: dict[str, Any] = json.loads(self._clouds.read_text())["clouds"]
        found: dict[str, Any] = clouds[name]
        return found

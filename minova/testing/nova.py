# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The object behind the fixture ``nova``: a project for one test."""

import pathlib
from typing import Any

from minova.testing import clouds_yaml, servers
from minova.testing.asking import Asking
from minova.testing.faults import Fault, Faults


class Server(dict[str, Any]):
    """A server as the API shows it."""

    @property
    def id(self) -> str:
        found: str = self["id"]
        return found

    @property
    def name(self) -> str:
        found: str = self["name"]
        return found


class Nova:
    """A project, and a user with the same name.

    Attributes:
        project: the name.
        project_id, user_id: without Keystone, the name.
        url: the Compute API, ``http://127.0.0.1:…/v2.1``.
        token: the value for ``X-Auth-Token``.
        clouds_yaml: a file whose cloud ``minova`` leads to this project.
        environ: the environment variables that lead clients to this file.
    """

    def __init__(self, cloud_url: str, project: str, folder: pathlib.Path) -> None:
        """Write ``clouds.yaml`` into the folder."""
        self.project = project
        self.url = f"{cloud_url}/v2.1"
        self._ask = Asking(cloud_url, f"{project}:{project}")
        self.token, self.user_id, self.project_id = self._ask.identity
        self.clouds_yaml = folder / "clouds.yaml"
        cloud = (
            clouds_yaml.with_keystone(self._ask.keystone.url, project, project)
            if self._ask.keystone
            else clouds_yaml.cloud(cloud_url, self.token)
        )
        self.clouds_yaml.write_text(clouds_yaml.text(minova=cloud), encoding="utf-8")
        self.environ = {
            "OS_CLOUD": "minova",
            "OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml),
        }
        self._connections: list[Any] = []
        self._faults = Faults(self._ask, self.project_id)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests that the tool sent for this project, oldest first.

        Requests of minova's own fixtures are left out.  Each is a dict: ``method``,
        ``path``, ``query``, ``microversion``, ``body`` (JSON), ``status`` of the
        answer, ``request_id``, ``user_agent``, ``at``, and ``faults``, the ids of the
        faults that affected it.
        """
        path = f"/minova/v1/requests?project_id={self.project_id}"
        sent: list[dict[str, Any]] = self._ask("GET", path)["requests"]
        return sent

    def connection(self) -> Any:
        """Make an ``openstack.connection.Connection``; this needs openstacksdk."""
        import openstack  # noqa: PLC0415 - not every tool uses it

        config = openstack.config.OpenStackConfig(
            config_files=[str(self.clouds_yaml)], load_envvars=False
        )
        made = openstack.connection.Connection(config=config.get_one("minova"))
        self._connections.append(made)
        return made

    def server(
        self,
        vm_state: str = "active",
        *,
        name: str = "server",
        flavor: str = "m1.nano",
        image: str = "minova-tick",
        **values: Any,
    ) -> Server:
        """Make a server, and wait until it is in the given state.

        Args:
            vm_state: ``active``, ``paused``, ``suspended``, ``stopped``, ``rescued`` or
                ``error``.
            flavor, image: an id or a name.
            values: further fields of the create request, such as ``metadata``.

        Raises:
            ValueError: ``vm_state`` is not one of these.
            Refused: with the cloud's error message.
        """
        if vm_state not in servers.LEADS_TO:
            raise ValueError(f"vm_state {vm_state}: not {', '.join(servers.LEADS_TO)}")
        values |= {"name": name, "flavorRef": servers.find(self._ask, "flavor", flavor)}
        values["imageRef"] = servers.find(self._ask, "image", image)
        server_id = servers.create(self._ask, **values)
        return Server(servers.lead(self._ask, server_id, vm_state))

    def fault(self, kind: str, *, everywhere: bool = False, **values: Any) -> Fault:
        """Make something go wrong, such as ``fault("action-fails", action="pause")``.

        The fault ends with the test, or earlier when you call its ``remove()``.

        Args:
            kind: docs/testing-a-tool.md lists the kinds and the values of each.
            everywhere: affect all projects, not only this one.

        Raises:
            Refused: with the cloud's error message.
        """
        return self._faults.order(kind, everywhere=everywhere, **values)

    def close(self) -> None:
        """Remove everything that the project has."""
        self._faults.close()
        for made in self._connections:
            made.close()
        theirs = {"project_id": self.project_id, "user_id": self.user_id}
        self._ask("POST", "/minova/v1/reset", {"reset": theirs})
        if self._ask.keystone:
            self._ask.keystone.remove(self.project, self.project)

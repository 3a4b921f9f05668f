# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a test has of a cloud: a project of its own."""

import pathlib
from typing import Any

from minova.testing import clouds_yaml, servers
from minova.testing.asking import Asking
from minova.testing.faults import Fault, Faults


class Server(dict[str, Any]):
    """A server, as the API shows it."""

    @property
    def id(self) -> str:
        found: str = self["id"]
        return found

    @property
    def name(self) -> str:
        found: str = self["name"]
        return found


class Nova:
    """A project of a cloud, whose user has the same name.

    Attributes:
        project: its name.
        project_id: without Keystone, the name.
        user_id: the same.
        url: of the Compute API, ``http://127.0.0.1:…/v2.1``.
        token: what ``X-Auth-Token`` has to say.
        clouds_yaml: a file in which the cloud ``minova`` is this project.
        environ: the environment variables by which clients find that file.
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
        """What was sent for this project, the oldest first; not what fixtures sent.

        Each has ``method``, ``path``, ``query``, ``microversion``, ``body`` (JSON),
        ``status`` of the answer, ``request_id``, ``user_agent``, ``at``, and in
        ``faults`` the ids of those that touched it.
        """
        path = f"/minova/v1/requests?project_id={self.project_id}"
        sent: list[dict[str, Any]] = self._ask("GET", path)["requests"]
        return sent

    def connection(self) -> Any:
        """An ``openstack.connection.Connection``; openstacksdk is to be installed."""
        import openstack  # noqa: PLC0415 - not everybody's tool uses it

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
        """Have a server that is in a state already.

        Args:
            vm_state: ``active``, ``paused``, ``suspended``, ``stopped``, ``rescued`` or
                ``error``.
            flavor: its id or its name, and so for ``image``.
            values: more of what a create takes, such as ``metadata``.

        Raises:
            ValueError: there is no such state.
            Refused: with the cloud's words.
        """
        if vm_state not in servers.LEADS_TO:
            raise ValueError(f"vm_state {vm_state}: not {', '.join(servers.LEADS_TO)}")
        values |= {"name": name, "flavorRef": servers.find(self._ask, "flavor", flavor)}
        values["imageRef"] = servers.find(self._ask, "image", image)
        server_id = servers.create(self._ask, **values)
        return Server(servers.lead(self._ask, server_id, vm_state))

    def fault(self, kind: str, *, everywhere: bool = False, **values: Any) -> Fault:
        """Have something go wrong, such as ``fault("action-fails", action="pause")``.

        It is over with the test, or when it is removed.

        Args:
            kind: which there are, and what each takes, is in docs/testing-a-tool.md.
            everywhere: for all projects, and not for this one alone.

        Raises:
            Refused: with the cloud's words.
        """
        return self._faults.order(kind, everywhere=everywhere, **values)

    def close(self) -> None:
        """Remove all that the project has."""
        self._faults.close()
        for made in self._connections:
            made.close()
        theirs = {"project_id": self.project_id, "user_id": self.user_id}
        self._ask("POST", "/minova/v1/reset", {"reset": theirs})
        if self._ask.keystone:
            self._ask.keystone.remove(self.project, self.project)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A whole cloud in one process: n-api, its hosts and their database."""

import dataclasses
import datetime
import json
import pathlib
import shutil
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from minova import conf as options
from minova import exception
from minova.api.faults.registry import Faults, Memory
from minova.cmd import n_cpu
from minova.db.wiping import Wiping
from minova.local import log_files
from minova.local.faults import parts as faulty_parts
from minova.local.faults.broker import Refusals
from minova.local.hosts import Hosts, HostSize
from minova.local.journal import Journal
from minova.local.keystone.beside import Beside
from minova.local.keystone.tokens import Tokens
from minova.local.waiting import Waiting
from minova.testing import seeding
from minova.testing.asking import Asking, Refused
from minova.testing.emptying import delete_servers
from minova.wsgi.faulty_api import FaultyApplication

TICK: Final = {"id": "8cc68639-c302-441d-9aab-b493b94f7f6e", "name": "minova-tick"}
"""The image that every cloud has, also a cluster made by ``stack.sh``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The settings of a cloud.

    Attributes:
        folder: for the files of this cloud alone.
        database: an SQLite file; it is made if it does not exist.
        allowed_hosts: names by which clients may reach it, besides the loopback's.
        seed: the content at the start and after each reset (``testing.seeding``).
    """

    folder: pathlib.Path
    database: pathlib.Path
    hosts: Sequence[HostSize]
    max_version: str
    allowed_hosts: Sequence[str]
    log_folder: pathlib.Path
    seed: Mapping[str, Any]


class Cloud:
    """A cloud: make it, start it, serve its ``application``, and close it.

    See ``minova.api.own_api.local.LocalCloud`` for what clients can ask of it.

    Attributes:
        application: n-api as a WSGI application.
        waiting: asks the WSGI server for an extra thread for each delayed answer.
    """

    def __init__(self, wanted: Wanted, keystone: Beside | None = None) -> None:
        """Make the database and all parts.

        Args:
            keystone: checks the tokens.  Without it, n-api believes any name.

        Raises:
            cfg.Error: a setting cannot be used.
            MinovaError: a later version of minova made the database.
        """
        self._wanted = wanted
        self._keystone = keystone
        self._started_at = datetime.datetime.now(datetime.UTC)
        self._is_new = not (wanted.database.exists() and wanted.database.stat().st_size)
        self._resetting = threading.Lock()
        self._images = wanted.folder / "images"
        self.add_image(TICK)
        conf = self._options()
        log_files.setup(conf, wanted.log_folder)
        stays = wanted.database.parent != wanted.folder
        empty = wanted.folder / "empty.sqlite"
        self._wiping = Wiping(conf, empty, stays=stays)
        self._faults = Faults(Memory())
        self._connections = faulty_parts.connect(conf, wanted.folder.name, self._faults)
        self._hosts = Hosts(
            wanted.hosts,
            n_cpu.settings(conf, boot_id="minova-local"),
            self._connections,
            self._wiping,
            self._faults,
        )
        self._orders = faulty_parts.orders(self._faults, self._connections, self._hosts)
        self.waiting = Waiting()
        self._api = FaultyApplication(
            conf, self._connections, self._orders, self, self.waiting
        )
        self._tokens = Tokens(self._api)
        self._journal = self.application = Journal(
            Refusals(self._tokens, self._faults), self._faults.touched
        )

    def start(self) -> None:
        """Start the hosts and wait until they are up: a first create needs one."""
        self._hosts.start()

    def seed(self, url: str) -> None:
        """Make the seed by requests to n-api, which already answers at ``url``.

        A database that existed before gets no seed.

        Raises:
            Refused: n-api refused a part of the seed.
            Wrong: the seed is wrong.
        """
        client = self._keystone.client if self._keystone else None
        self._ask = Asking(url, keystone=client)
        if self._is_new:
            seeding.apply(self._ask, self._wanted.seed)

    def close(self) -> None:
        """End the work in progress and all threads."""
        # Faults delay nothing any more.  A host that is down stays down.
        self._faults.remove(lambda _fault: True)
        self._hosts.close()
        self._api.close()
        self._connections.close()
        self._wiping.close()

    def describe(self) -> dict[str, Any]:
        wanted = self._wanted
        names = [host.name for host in wanted.hosts]
        found = [self._connections.db.instances_on(name) for name in names]
        return {
            "hosts": names,
            "servers": sum(map(len, found)),
            "requests": len(self._journal),
            "database": str(wanted.database),
            "clouds_yaml": str(wanted.folder / "clouds.yaml"),
            "identity_url": self._keystone and self._keystone.url,
            "logs": [
                str(wanted.log_folder / name)
                for name in (log_files.N_API, log_files.N_CPU)
            ],
            "started_at": self._started_at.isoformat(timespec="seconds"),
        }

    def requests(self, project_id: str | None) -> list[dict[str, Any]]:
        return self._journal.entries(project_id)

    def reset(self, project_id: str | None, user_id: str | None) -> None:
        """Delete servers by requests, so that no host still works on one; then reset.

        Raises:
            Conflict: a server could not be deleted, or the seed not be made again.
        """
        with self._resetting:
            try:
                self._reset(project_id, user_id)
            except (Refused, seeding.Wrong) as error:
                raise exception.Conflict(str(error)) from error

    def _reset(self, project_id: str | None, user_id: str | None) -> None:
        # Faults go first: a host that is down or hangs deletes no server.
        self._orders.clear(project_id)
        delete_servers(self._ask, project_id)
        if project_id is not None:
            self._wiping.wipe_project(project_id, user_id or project_id)
            self._journal.forget(project_id)
            return
        self._wiping.wipe()
        if self._keystone is not None:
            self._keystone.reset()
            self._tokens.forget()
        self._faults.forget_requests()
        shutil.rmtree(self._images)
        self.add_image(TICK)
        self._journal.forget(None)
        seeding.apply(self._ask, self._wanted.seed)

    def add_image(self, described: dict[str, Any]) -> None:
        folder = self._images / described["id"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel").touch()
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        image = {"kernel": "kernel", "updated_at": now} | described
        new = folder / "image.json.new"
        new.write_text(json.dumps(image), encoding="utf-8")
        new.rename(folder / "image.json")

    def _options(self) -> Any:
        wanted = self._wanted
        folder, database = (
            str(path).replace("$", "$$") for path in (wanted.folder, wanted.database)
        )
        file = wanted.folder / "minova.conf"
        file.write_text(
            f"[DEFAULT]\ntransport_url = in-process:///{wanted.folder.name}\n"
            f"state_path = {folder}\n"
            f"debug = true\nlog_dir = {str(wanted.log_folder).replace('$', '$$')}\n"
            # As in a cluster of stack.sh.  Otherwise a resize finds no host.
            "allow_resize_to_same_host = true\n"
            # An action that a fault delays must not hold up the others.
            "max_concurrent_builds = 0\nexecutor_thread_pool_size = 500\n"
            f"[database]\nconnection = sqlite:///{database}\n"
            f"[api]\nmax_version = {wanted.max_version}\n"
            f"allowed_hosts = {','.join(wanted.allowed_hosts)}\n"
            "[compute]\ndriver = fake\n"
            + (self._keystone.options() if self._keystone else ""),
            encoding="utf-8",
        )
        conf = options.create(log_files.N_CPU)
        conf(["--config-file", str(file)], project="minova")
        options.check(conf)
        return conf

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Keystone for tests, from the environment that run_tests.sh has made."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.real_servers import as_user, end, folder_for, free_port, listens, wait_until

VENV = pathlib.Path(
    os.environ.get("KEYSTONE_VENV", pathlib.Path(sys.prefix).parent / "keystone-venv")
)
_ACCOUNTS = pathlib.Path(__file__).parents[1] / "devstack/keystone_accounts.py"
# keystone-manage refuses to make keys as root.
_USER = "daemon"
_PASSWORDS = {user: f"of-{user}" for user in ("admin", "demo", "demo_reader", "minova")}


class Keystone:
    """A running Keystone with the accounts that stack.sh makes.

    Attributes:
        url: the identity endpoint, with ``/v3``.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v3"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OS_BOOTSTRAP_PASSWORD": _PASSWORDS["admin"],
            "GUNICORN_CMD_ARGS": f"--config={folder}/gunicorn.conf.py",
            "OS_KEYSTONE_CONFIG_DIR": str(folder),
            "OS_KEYSTONE_CONFIG_FILES": str(folder / "keystone.conf"),
        }

    def bootstrap(self) -> None:
        """Make database, keys and the admin (about 10 s)."""
        folder = self._folder
        (folder / "keystone.conf").write_text(
            f"[DEFAULT]\nlog_file = {folder}/keystone.log\n"
            f"[database]\nconnection = sqlite:///{folder}/keystone.sqlite\n"
            "[identity]\npassword_hash_rounds = 4\n"
            f"[fernet_tokens]\nkey_repository = {folder}/fernet\n"
            f"[fernet_receipts]\nkey_repository = {folder}/fernet\n"
            f"[credential]\nkey_repository = {folder}/credential\n"
        )
        (folder / "gunicorn.conf.py").write_text(
            'wsgi_app = "keystone.wsgi.api:application"\n'
            f'bind = "127.0.0.1:{self.port}"\n'
            'worker_class = "gthread"\nthreads = 8\ncontrol_socket_disable = True\n'
        )
        for name in ("fernet", "credential"):
            subprocess.run(
                [*as_user(_USER), "mkdir", "-m", "700", folder / name], check=True
            )
        catalog = ["--bootstrap-region-id", "RegionOne"]
        for interface in ("public", "internal"):
            catalog += [f"--bootstrap-{interface}-url", self.url]
        self._manage("db_sync")
        self._manage("fernet_setup")
        self._manage("bootstrap", *catalog)

    def start(self) -> None:
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*as_user(_USER), VENV / "bin/gunicorn"],
                env=self._env,
                stdout=out,
                stderr=out,
            )
        wait_until(lambda: listens(self.port), 60, "Keystone listens")

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def make_accounts(self, compute_url: str, image_url: str | None = None) -> None:
        """Make the users of stack.sh. The password of ``demo`` is ``of-demo``."""
        urls = (self.url, compute_url, image_url or compute_url)
        subprocess.run(
            [VENV / "bin/python", _ACCOUNTS, *urls],
            input="".join(f"{user}={word}\n" for user, word in _PASSWORDS.items()),
            env=self._env,
            text=True,
            check=True,
        )

    def token(self, user: str, project: str | None = "demo") -> str:
        """Return a token of a user for a project, or for no project (None)."""
        who = {
            "name": user,
            "domain": {"id": "default"},
            "password": _PASSWORDS[user],
        }
        auth: dict[str, Any] = {
            "identity": {"methods": ["password"], "password": {"user": who}}
        }
        if project is None:
            auth["scope"] = "unscoped"
        else:
            domain = {"id": "default"}
            auth["scope"] = {"project": {"name": project, "domain": domain}}
        answer = requests.post(
            f"{self.url}/auth/tokens", json={"auth": auth}, timeout=30
        )
        assert answer.status_code == 201, answer.text
        return answer.headers["X-Subject-Token"]

    def revoke(self, token: str) -> None:
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        requests.delete(f"{self.url}/auth/tokens", headers=headers, timeout=30)

    def options(self) -> str:
        """Return the options for n-api's configuration."""
        return (
            "[api]\nauth_strategy = keystone\n"
            f"[keystone_authtoken]\nwww_authenticate_uri = {self.url}\n"
            f"auth_url = {self.url}\nauth_type = password\nusername = minova\n"
            f"password = {_PASSWORDS['minova']}\nuser_domain_id = default\n"
            "project_name = service\nproject_domain_id = default\n"
            "region_name = RegionOne\nservice_type = compute\n"
        )

    def log(self) -> str:
        return (self._folder / "keystone.log").read_text()

    def _manage(self, *arguments: str) -> None:
        file = self._folder / "keystone.conf"
        subprocess.run(
            [
                *as_user(_USER),
                VENV / "bin/keystone-manage",
                *("--config-file", file),
                *arguments,
            ],
            cwd=self._folder,
            env=self._env,
            check=True,
            capture_output=True,
        )


@contextmanager
def keystone() -> Iterator[Keystone]:
    """A running Keystone whose only account is the admin's (15 s to start)."""
    with folder_for(_USER) as folder:
        server = Keystone(folder)
        server.bootstrap()
        server.start()
        try:
            yield server
        finally:
            server.stop()

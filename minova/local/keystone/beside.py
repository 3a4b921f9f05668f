# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The Keystone beside a cloud: started, waited for, reset, ended."""

import pathlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

from minova.local import address
from minova.local.keystone import accounts
from minova.testing.keystone import PASSWORD, Keystone

LOG: Final = "keystone.log"
DATABASE: Final = "keystone.sqlite"


class NotStarted(Exception):
    """Says why."""


class Beside:
    """A Keystone on a database in a folder, which goes with it.

    Attributes:
        url: as clients know it, with ``/v3``.
        client: asks it as the admin.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        listening: socket.socket,
        *,
        allowed_hosts: Sequence[str],
        log_folder: pathlib.Path,
    ) -> None:
        """Begin to start it.

        Args:
            folder: made here, for its database and keys.
            allowed_hosts: names under which it is asked, besides the loopback's; the
                first one stands in the catalog.
        """
        here, port = address.host(listening), address.port(listening)
        self._host = next(iter(allowed_hosts), here)
        self.url = f"http://{self._host}:{port}/v3"
        self.client = Keystone(f"http://{here}:{port}/v3")
        self._folder = folder
        self._log = log_folder / LOG
        folder.mkdir(mode=0o700)
        (folder / "keystone.conf").write_text(self._settings(), encoding="utf-8")
        number = listening.fileno()
        command = (sys.executable, "-P", "-m", "minova.cmd.keystone")
        arguments = (str(folder), str(number), self.url, self.client.url)
        with (folder / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [*command, *arguments, *allowed_hosts],
                pass_fds=[number],
                # It ends when this pipe does, and hears no Ctrl-C of the terminal.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        listening.close()

    def wait(self, compute_port: int) -> None:
        """Wait until it answers, and make what a cloud has.

        Args:
            compute_port: of n-api, for the catalog.

        Raises:
            NotStarted: in the last words of its process.
        """
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self._process.wait()
            said = (self._folder / "stderr").read_text(errors="replace").strip()
            last = said.splitlines()[-1] if said else "without a word"
            raise NotStarted(f"Keystone ended at its start: {last}")
        compute = f"http://{self._host}:{compute_port}"
        accounts.make(self.client, f"{compute}/v2.1", f"{compute}/image")
        self._order("keep")

    def watch(self, ended: Callable[[], None]) -> None:
        """Have something called when it ends, for whatever reason."""

        def wait() -> None:
            self._process.wait()
            ended()

        threading.Thread(target=wait, name="keystone", daemon=True).start()

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def options(self) -> str:
        """What n-api's configuration says of it."""
        return (
            "[api]\nauth_strategy = keystone\n"
            f"[keystone_authtoken]\nwww_authenticate_uri = {self.url}\n"
            f"auth_url = {self.client.url}\nauth_type = password\n"
            f"username = {accounts.SERVICE_USER}\npassword = {PASSWORD}\n"
            f"project_name = {accounts.SERVICE_PROJECT}\n"
            "user_domain_id = default\nproject_domain_id = default\n"
            "region_name = RegionOne\nservice_type = compute\n"
        )

    def reset(self) -> None:
        """Make it as it was at the start."""
        self._order("reset")
        self.client.forget()

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate()

    def _order(self, word: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()
        self._process.stdout.readline()

    def _settings(self) -> str:
        folder, log = (
            str(path).replace("$", "$$") for path in (self._folder, self._log)
        )
        return (
            f"[DEFAULT]\nlog_file = {log}\n"
            f"public_endpoint = {self.url.removesuffix('/v3')}\n"
            f"[database]\nconnection = sqlite:///{folder}/{DATABASE}\n"
            # Nothing of it outlives the process.
            "sqlite_synchronous = false\n"
            "[cache]\nbackend = dogpile.cache.memory_pickle\n"
            "proxies = minova.local.keystone.cache.Kept\n"
            "[identity]\npassword_hash_rounds = 4\nmax_password_length = 72\n"
            f"[fernet_tokens]\nkey_repository = {folder}/fernet\n"
            f"[fernet_receipts]\nkey_repository = {folder}/fernet\n"
            f"[credential]\nkey_repository = {folder}/credential\n"
        )

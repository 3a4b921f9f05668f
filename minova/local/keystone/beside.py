# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Starts, resets and ends the process of a cloud's Keystone."""

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
    """Keystone did not start; the text says why."""


class Beside:
    """A Keystone process, with its database in a temporary folder.

    Attributes:
        url: as clients know it, with ``/v3``.
        client: sends requests as the admin.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        listening: socket.socket,
        *,
        allowed_hosts: Sequence[str],
        log_folder: pathlib.Path,
    ) -> None:
        """Start the process; ``wait`` waits until it answers.

        Args:
            folder: is made here, for the database and the keys.
            allowed_hosts: names by which clients may reach Keystone, besides the
                loopback's.  The catalog has the first one.
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
                # Keystone ends when this pipe closes, not by the terminal's Ctrl-C.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        listening.close()

    def wait(self, compute_port: int) -> None:
        """Wait until Keystone answers, then make the accounts and the catalog.

        Args:
            compute_port: n-api's port, for the catalog.

        Raises:
            NotStarted: with the last line that the process wrote.
        """
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self._process.wait()
            said = (self._folder / "stderr").read_text(errors="replace").strip()
            last = said.splitlines()[-1] if said else "it printed nothing"
            raise NotStarted(f"Keystone stopped while starting: {last}")
        compute = f"http://{self._host}:{compute_port}"
        accounts.make(self.client, f"{compute}/v2.1", f"{compute}/image")
        self._order("keep")

    def watch(self, ended: Callable[[], None]) -> None:
        """Call ``ended`` when the process has ended, for whatever reason."""

        def wait() -> None:
            self._process.wait()
            ended()

        threading.Thread(target=wait, name="keystone", daemon=True).start()

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def options(self) -> str:
        """Return the part of n-api's configuration about Keystone."""
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
        """Bring Keystone back to its start."""
        self._order("reset")
        self.client.forget()

    def close(self) -> None:
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
            # Nobody needs the database after the process has ended.
            "sqlite_synchronous = false\n"
            "[cache]\nbackend = dogpile.cache.memory_pickle\n"
            "proxies = minova.local.keystone.cache.Kept\n"
            "[identity]\npassword_hash_rounds = 4\nmax_password_length = 72\n"
            f"[fernet_tokens]\nkey_repository = {folder}/fernet\n"
            f"[fernet_receipts]\nkey_repository = {folder}/fernet\n"
            f"[credential]\nkey_repository = {folder}/credential\n"
        )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A MariaDB for tests, which can be killed, frozen and started again."""

import contextlib
import pathlib
import signal
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final

from tests.real_servers import (
    as_user,
    end,
    folder_for,
    free_port,
    freeze,
    listens,
    wait_until,
)

DRIVERS: Final = ("pymysql", "mysqldb")
"""SQLAlchemy's names of PyMySQL, which most tests use, and mysqlclient."""


POOL: Final = ("--thread-handling=pool-of-threads", "--thread-pool-stall-limit=10")
"""As stack.sh and docker-compose start it (ADR 48)."""


class MariaDB:
    """A server with one empty database.

    Attributes:
        url: the URL of the database.
        port: the same after every start.
    """

    def __init__(self, folder: pathlib.Path, threads: Sequence[str] = POOL) -> None:
        self._folder = folder
        self._threads = threads
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self.url_of("minova")
        with (folder / "out").open("ab") as out:
            subprocess.run(
                [
                    *as_user("mysql"),
                    "mariadb-install-db",
                    "--no-defaults",
                    f"--datadir={folder}/data",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                ],
                check=True,
                stdout=out,
                stderr=out,
            )
        self.start()
        self.sql("CREATE USER test@'127.0.0.1' IDENTIFIED BY 'test'")
        self.new_database("minova")

    def start(self, *options: str) -> None:
        """Start it and wait until it accepts connections (1 s)."""
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [
                    *as_user("mysql"),
                    "/usr/sbin/mariadbd",
                    "--no-defaults",
                    f"--datadir={self._folder}/data",
                    f"--socket={self._folder}/socket",
                    "--bind-address=127.0.0.1",
                    f"--port={self.port}",
                    f"--pid-file={self._folder}/pid",
                    "--max-connections=500",
                    *self._threads,
                    *options,
                ],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_until(lambda: listens(self.port), 60, "MariaDB listens")

    def kill(self) -> None:
        """End it like ``kill -9``. Committed data is in its folder."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it normally. Thaw it first, because a frozen server gets no signal."""
        if self._process is not None:
            self.thaw()
            end(self._process)
            self._process = None

    def freeze(self) -> None:
        if self._process is not None:
            freeze(self._process.pid)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def new_database(self, name: str, driver: str = DRIVERS[0]) -> str:
        """Create another empty database and return its URL."""
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.sql(f"GRANT ALL ON {name}.* TO test@'127.0.0.1'")
        return self.url_of(name, driver)

    def url_of(self, name: str, driver: str = DRIVERS[0]) -> str:
        return f"mysql+{driver}://test:test@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str) -> str:
        """Run SQL as root, who has no limits.

        Return rows with tabs between the values.
        """
        return subprocess.run(
            [
                *("mariadb", "--no-defaults", "--skip-column-names", "-uroot"),
                f"--socket={self._folder}/socket",
                *("-e", statement),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextlib.contextmanager
def mariadb(threads: Sequence[str] = POOL) -> Iterator[MariaDB]:
    """A running server (about 3 s to start).

    Args:
        threads: the options for its threads. Without any, each connection has one,
            which is MariaDB's default.
    """
    with folder_for("mysql") as folder:
        server = MariaDB(folder, threads)
        try:
            yield server
        finally:
            server.stop()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Resources that n-api and n-cpu hold, and their growth, for ``soak.py``."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Final

import amqp
import psutil
import sqlalchemy as sa

from benchmarks.figures.measuring import pss
from minova.rpc import inspection
from tests.cluster import Cluster

_HOST: Final = "host-1"
_MORE_MEMORY: Final = 1.1
"""Growth is more than this multiple of the memory after the warm-up."""
_COUNTED: Final = {
    "threads": "threads",
    "descriptors": "open descriptors",
    "to_broker": "connections to RabbitMQ",
    "to_database": "connections to the database",
}
_SIZE: Final = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "mysql": "SELECT sum(data_length + index_length) FROM information_schema.tables"
    " WHERE table_schema = database()",
}
HEAD: Final = (
    "| n-api / n-cpu | a second | MiB (PSS) | threads | descriptors | to RabbitMQ |"
    " to the database | messages | database, logs |\n" + "|---" * 9 + "|"
)


@dataclasses.dataclass(frozen=True)
class Held:
    """Resources that all processes of a daemon hold together.  Memory is in MiB."""

    memory: float
    threads: int
    descriptors: int
    to_broker: int
    to_database: int


@dataclasses.dataclass(frozen=True)
class Look:
    """The state of a site at one moment.

    Attributes:
        rate: accepted actions a second since the last look.  None without load.
        waiting: messages in the host's queue.
        database: MiB of tables and indexes.
        logs: MiB.
    """

    name: str
    rate: float | None
    api: Held
    host: Held
    waiting: int
    database: float
    logs: float

    def row(self) -> str:
        """Return the look as a row of a Markdown table, for ``HEAD``."""
        pairs = zip(
            dataclasses.astuple(self.api), dataclasses.astuple(self.host), strict=True
        )
        cells = [
            self.name,
            "" if self.rate is None else f"{self.rate:.0f}",
            *(f"{api:.0f} / {host:.0f}" for api, host in pairs),
            str(self.waiting),
            f"{self.database:.0f}, {self.logs:.0f} MiB",
        ]
        return f"| {' | '.join(cells)} |"


def look(cluster: Cluster, broker_port: int, name: str, rate: float | None) -> Look:
    """Look at the site, which takes a fraction of a second."""
    url = sa.make_url(cluster.connection)
    logs = sum(file.stat().st_size for file in cluster.logs.rglob("*.log"))
    return Look(
        name,
        rate,
        _held(cluster.api_processes(), broker_port, url),
        _held(cluster.host_processes(_HOST), broker_port, url),
        _waiting(broker_port, cluster.vhost),
        _size(url) / 2**20,
        logs / 2**20,
    )


def grown(first: Look, last: Look, clients: int) -> Iterator[str]:
    """Say what grew between two looks without load.

    Pools grow until each client that asked at the same moment has a thread or a
    connection.  So they may have grown by the number of clients since the warm-up.
    """
    for daemon, before, after in (
        ("n-api", first.api, last.api),
        ("n-cpu", first.host, last.host),
    ):
        if after.memory > _MORE_MEMORY * before.memory:
            yield f"{daemon}: {before.memory:.0f}, then {after.memory:.0f} MiB"
        for field, words in _COUNTED.items():
            had, has = getattr(before, field), getattr(after, field)
            if has > had + clients:
                yield f"{daemon}: {had}, then {has} {words}"
    if last.waiting:
        yield f"n-cpu: {last.waiting} messages in its queue"


def _held(pids: Iterable[int], broker_port: int, url: sa.URL) -> Held:
    all_of_it = [psutil.Process(pid) for pid in pids]
    ports = [
        connection.raddr.port
        for process in all_of_it
        for connection in process.net_connections("tcp")
        if connection.raddr
    ]
    files = [file.path for process in all_of_it for file in process.open_files()]
    return Held(
        sum(pss(process.pid) for process in all_of_it),
        sum(process.num_threads() for process in all_of_it),
        sum(process.num_fds() for process in all_of_it),
        ports.count(broker_port),
        # A connection to SQLite is an open descriptor of its file.
        ports.count(url.port) if url.port else files.count(str(url.database)),
    )


def _waiting(broker_port: int, vhost: str) -> int:
    with amqp.Connection(f"127.0.0.1:{broker_port}", virtual_host=vhost) as connection:
        found = inspection.waiting(connection, [_HOST])[_HOST]
    assert found is not None
    return found.messages


def _size(url: sa.URL) -> float:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return float(connection.scalar(sa.text(_SIZE[url.get_backend_name()])))

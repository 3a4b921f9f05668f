# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""After an outage both daemons have as many threads as before. No password leaks."""

import pathlib
import threading
import time
from collections.abc import Iterator
from concurrent import futures

import pymysql
import pytest
import sqlalchemy as sa

from tests import real_servers
from tests.cluster import Cluster
from tests.real_mariadb import DRIVERS, MariaDB
from tests.real_servers import RabbitMQ, wait_until

_BROKER_PASSWORD = "secret-of-the-broker"
_DATABASE_PASSWORD = "secret-of-the-database"
_MANY = 64
_GROWS = 16
"""Pools start threads as they need them.

A leak would be one for each of 512 requests in n-api, and one for each action and each
periodic task in n-cpu.
"""


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    """A broker that may be frozen."""
    with real_servers.rabbitmq() as own:
        yield own


@pytest.fixture(scope="module", params=DRIVERS)
def shop(
    request: pytest.FixtureRequest,
    broker: RabbitMQ,
    mariadb: MariaDB,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """A cluster whose URLs have passwords that are easy to find in any output."""
    vhost = broker.new_vhost().rsplit("/", 1)[1]
    user = f"minova-{request.param}"
    broker.new_user(user, _BROKER_PASSWORD, vhost)
    name = f"threads_{request.param}"
    mariadb.new_database(name)
    mariadb.sql(
        f"GRANT ALL ON {name}.* TO shop@'127.0.0.1' "
        f"IDENTIFIED BY '{_DATABASE_PASSWORD}'"
    )
    own = Cluster(
        tmp_path_factory.mktemp("shop"),
        f"rabbit://{user}:{_BROKER_PASSWORD}@127.0.0.1:{broker.port}/{vhost}",
        f"mysql+{request.param}://shop:{_DATABASE_PASSWORD}"
        f"@127.0.0.1:{mariadb.port}/{name}",
    )
    own.migrate()
    try:
        own.start_host()
        own.start_api()
        # Requests that wait for the database start all threads of n-api at once. With a
        # broker that is away, their number would depend on chance.
        _outage(own, own.create_server(), mariadb)
        # It could not report while the database was away.
        wait_until(lambda: "up" in own.hosts().values(), 30, "the host is up")
        yield own
    finally:
        own.stop()


def _threads(pids: list[int]) -> int:
    return sum(len(list(pathlib.Path(f"/proc/{pid}/task").iterdir())) for pid in pids)


def _all_threads(cluster: Cluster) -> tuple[int, int]:
    return _threads(cluster.api_processes()), _threads(cluster.host_processes())


def _outage(cluster: Cluster, server_id: str, gone: RabbitMQ | MariaDB) -> list[str]:
    """Send many requests while a part is frozen, and return their answers."""
    gone.freeze()
    try:
        # At least half of them are refused with 409, for the state of the server.
        refused = [text for _ in range(4) for text in _load(cluster, server_id)]
    finally:
        gone.thaw()
    _settled(cluster, server_id)
    return refused


def _load(cluster: Cluster, server_id: str, count: int = _MANY) -> list[str]:
    """Request many actions at once and return the texts of the refusals."""

    def ask(number: int) -> str | None:
        answer = cluster.act(server_id, ("pause", "unpause")[number % 2])
        assert answer.status_code in {202, 409, 503}, answer.text
        return answer.text if answer.status_code == 503 else None

    with futures.ThreadPoolExecutor(count) as pool:
        return [text for text in pool.map(ask, range(count)) if text]


def _settled(cluster: Cluster, server_id: str) -> None:
    def settled() -> bool:
        answer = cluster.ask("GET", f"/servers/{server_id}", token="admin")
        return (
            answer.status_code == 200
            and not (answer.json()["server"]["OS-EXT-STS:task_state"])
        )

    wait_until(settled, 30, "the server is settled")


@pytest.mark.parametrize("who", ["broker", "mariadb"])
def test_an_outage(shop: Cluster, broker: RabbitMQ, mariadb: MariaDB, who: str) -> None:
    """The part is frozen, so every thread that needs it waits."""
    server_id = shop.create_server()
    gone = broker if who == "broker" else mariadb
    refused = _outage(shop, server_id, gone)  # the pools have started their threads
    before = _all_threads(shop)

    refused += _outage(shop, server_id, gone)
    refused += _outage(shop, server_id, gone)

    assert len(refused) > 2 * _MANY

    def as_before() -> bool:
        api, host = _all_threads(shop)
        return api <= before[0] + _GROWS and host <= before[1] + _GROWS

    wait_until(as_before, 20, f"the threads {_all_threads(shop)} are {before} again")
    wait_until(lambda: not _load(shop, server_id, 1), 15, "it works again")
    _settled(shop, server_id)
    _see_no_password(shop, server_id, refused)


def _see_no_password(cluster: Cluster, server_id: str, seen: list[str]) -> None:
    """No password is in an answer to a user or admin, nor in the DEBUG logs."""
    path = f"/servers/{server_id}/os-instance-actions"
    for token in ("demo:demo", "admin"):
        listed = cluster.ask("GET", path, token=token, version="2.84")
        seen.append(listed.text)
        for action in listed.json()["instanceActions"][:20]:
            one = f"{path}/{action['request_id']}"
            for version in ("2.1", "2.51", "2.84"):
                seen.append(cluster.ask("GET", one, token=token, version=version).text)
        seen.append(cluster.ask("GET", f"/servers/{server_id}", token=token).text)
    written = [
        file.read_text()
        for file in cluster.folder.rglob("*")
        if file.suffix in {".log", ".out"}
    ]
    assert len(written) >= 4
    for text in (*seen, *written):
        assert _BROKER_PASSWORD not in text
        assert _DATABASE_PASSWORD not in text
        assert "mysql+" not in text


def test_a_deadlock_is_retried(shop: Cluster, mariadb: MariaDB) -> None:
    """n-api's transaction and another wait for each other, and n-api's is the victim.

    InnoDB rolls back n-api's, because the other one has written more. n-api's holds the
    row of the server and waits for the key that the other has read.
    """
    server_id = shop.create_server()
    before = int(_deadlocks(mariadb))
    other = pymysql.connect(
        host="127.0.0.1",
        port=mariadb.port,
        user="shop",
        password=_DATABASE_PASSWORD,
        database=sa.make_url(shop.connection).database,
    )
    answers: list[int] = []

    def pause() -> None:
        answers.append(shop.act(server_id, "pause").status_code)

    with other, other.cursor() as cursor:
        # Make it heavy: many changed rows, and a lock on every gap of the actions.
        cursor.execute("CREATE TABLE heavy (id INT PRIMARY KEY, n INT)")
        cursor.executemany("INSERT INTO heavy VALUES (%s, 0)", list(range(500)))
        other.commit()
        cursor.execute("UPDATE heavy SET n = 1")
        cursor.execute("SELECT count(*) FROM instance_actions FOR UPDATE")
        asking = threading.Thread(target=pause)
        asking.start()

        def waits() -> bool:
            # InnoDB repeats its last output to anybody who asks again within 0.1 s.
            time.sleep(0.15)
            listed = mariadb.sql(
                "SELECT count(*) FROM information_schema.innodb_trx "
                "WHERE trx_state = 'LOCK WAIT'"
            )
            return int(listed) > 0

        wait_until(waits, 5, "n-api waits for the actions")
        cursor.execute(
            "UPDATE instances SET updated_at = updated_at WHERE uuid = %s", [server_id]
        )
        other.commit()
        asking.join()
        cursor.execute("DROP TABLE heavy")

    assert int(_deadlocks(mariadb)) > before
    assert answers == [202]
    shop.wait_for(server_id, "PAUSED")
    listed = shop.ask("GET", f"/servers/{server_id}/os-instance-actions")
    actions = [action["action"] for action in listed.json()["instanceActions"]]
    assert actions.count("pause") == 1


def _deadlocks(mariadb: MariaDB) -> str:
    return mariadb.sql(
        "SELECT variable_value FROM information_schema.global_status "
        "WHERE variable_name = 'Innodb_deadlocks'"
    )

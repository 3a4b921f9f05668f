# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""MariaDB is frozen, killed, locked and restarted while n-api and n-cpu run."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest
import sqlalchemy as sa

from tests.cluster import Cluster
from tests.real_mariadb import DRIVERS, MariaDB
from tests.real_servers import RabbitMQ, wait_until


@pytest.fixture(scope="module", params=DRIVERS)
def shop(
    request: pytest.FixtureRequest,
    rabbitmq: RabbitMQ,
    mariadb: MariaDB,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """A cluster on MariaDB. Tests leave the database running."""
    folder = tmp_path_factory.mktemp("outage")
    connection = mariadb.new_database(f"outage_{request.param}", request.param)
    cluster = Cluster(folder, rabbitmq.new_vhost(), connection)
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


def statuses(cluster: Cluster, server_id: str, count: int) -> list[tuple[int, float]]:
    """Return status and seconds of many simultaneous requests, reads and writes."""

    def ask(number: int) -> tuple[int, float]:
        began = time.monotonic()
        if number % 2:
            answer = cluster.act(server_id, "pause")
        else:
            answer = cluster.ask("GET", f"/servers/{server_id}")
        if answer.status_code == 503:
            assert list(answer.json()) == ["serviceUnavailable"]
            assert "test:test" not in answer.text
        return answer.status_code, time.monotonic() - began

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_frozen(shop: Cluster, mariadb: MariaDB) -> None:
    """The server is there but silent: each of 64 requests gets a 503 soon."""
    server_id = shop.create_server()
    statuses(shop, server_id, 8)
    shop.wait_for(server_id, "PAUSED")

    mariadb.freeze()
    try:
        answers = statuses(shop, server_id, 64)
        began = time.monotonic()
        later = shop.ask("GET", f"/servers/{server_id}")
        took = time.monotonic() - began
    finally:
        mariadb.thaw()

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 10
    assert later.status_code == 503
    assert took < 10
    wait_until(lambda: shop.act(server_id, "unpause").status_code == 202, 5, "back")
    shop.wait_for(server_id, "ACTIVE")
    assert shop.api_log().count("The database cannot be reached") <= 4  # 2 workers


def test_killed_and_started_again(shop: Cluster, mariadb: MariaDB) -> None:
    server_id = shop.create_server()

    mariadb.kill()
    try:
        answers = statuses(shop, server_id, 16)
    finally:
        mariadb.start()

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 5
    assert shop.act(server_id, "pause").status_code == 202
    shop.wait_for(server_id, "PAUSED")


def test_a_restart_between_two_requests_is_not_noticed(
    shop: Cluster, mariadb: MariaDB
) -> None:
    server_id = shop.create_server()

    mariadb.stop()
    mariadb.start()

    assert {status for status, _ in statuses(shop, server_id, 8)} <= {200, 202, 409}
    shop.wait_for(server_id, "PAUSED")


def test_a_row_that_another_client_locks(shop: Cluster, mariadb: MariaDB) -> None:
    """Lock wait timeout: a 503 in time, and the server is unchanged."""
    server_id = shop.create_server()
    holder = pymysql.connect(
        host="127.0.0.1",
        port=mariadb.port,
        user="test",
        password="test",
        database=sa.make_url(shop.connection).database,
    )
    with holder, holder.cursor() as cursor:
        cursor.execute("SELECT * FROM instances FOR UPDATE")
        began = time.monotonic()
        answer = shop.act(server_id, "pause")
        took = time.monotonic() - began
        shown = shop.show(server_id)

    assert answer.status_code == 503
    assert took < 8
    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("ACTIVE", None)
    assert shop.act(server_id, "pause").status_code == 202
    shop.wait_for(server_id, "PAUSED")


def test_too_many_connections_and_read_only(shop: Cluster, mariadb: MariaDB) -> None:
    server_id = shop.create_server()

    mariadb.sql("SET GLOBAL read_only = 1")
    try:
        refused = shop.act(server_id, "pause")
        read = shop.ask("GET", f"/servers/{server_id}")
    finally:
        mariadb.sql("SET GLOBAL read_only = 0")
    mariadb.sql("ALTER USER test@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1")
    mariadb.stop()
    mariadb.start()
    try:
        answers = statuses(shop, server_id, 16)
    finally:
        mariadb.sql("ALTER USER test@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0")

    assert (refused.status_code, read.status_code) == (503, 200)
    assert {status for status, _ in answers} <= {200, 202, 409, 503}
    assert 503 in {status for status, _ in answers}
    wait_until(
        lambda: shop.act(server_id, "pause").status_code == 409, 20, "paused once"
    )

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova-manage db sync`` with daemons, twice at once, and on a newer database."""

import pathlib
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.cluster import Cluster
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ, wait_until

MANAGE = pathlib.Path(sys.executable).parent / "minova-manage"


@pytest.fixture(params=["sqlite", "mysql"])
def empty(
    request: pytest.FixtureRequest, rabbitmq: RabbitMQ, tmp_path: pathlib.Path
) -> Cluster:
    """A cluster on a database without tables."""
    url = f"sqlite:///{tmp_path}/minova.sqlite"
    if request.param == "mysql":
        server: MariaDB = request.getfixturevalue("mariadb")
        url = server.new_database(f"minova_{tmp_path.name.strip('_').lower()[-20:]}")
    return Cluster(tmp_path, rabbitmq.new_vhost(), url)


def sync(cluster: Cluster) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MANAGE, "--config-file", cluster.write_config("manage"), "db", "sync"],
        check=False,
        capture_output=True,
        text=True,
    )


def test_two_syncs_at_once_and_a_newer_database(empty: Cluster) -> None:
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda _: sync(empty), range(3)))
    assert [each.returncode for each in ended] == [0, 0, 0], ended
    engine = sa.create_engine(empty.connection)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    refused = sync(empty)

    assert refused.returncode == 1
    assert refused.stderr == (
        "minova-manage: The database is at revision 9999, which this version of "
        "minova does not know. A later version made it. Nothing was changed.\n"
    )


def test_daemons_wait_for_the_tables(empty: Cluster) -> None:
    """Before that n-api refuses and n-cpu waits. Both log why, and need no restart."""
    cluster = empty
    try:
        cluster.start_api()
        with pytest.raises(TimeoutError):
            cluster.start_host(consumes_within=4)
        answers = [cluster.ask("GET", "/servers") for _ in range(3)]

        assert sync(cluster).returncode == 0

        assert {answer.status_code for answer in answers} == {503}
        wait_until(
            lambda: "Consuming from" in cluster.log_of("host-1").read_text(),
            20,
            "the host consumes",
        )
        cluster.create_server()
        for log in (cluster.api_log(), cluster.log_of("host-1").read_text()):
            assert 1 <= log.count("Run minova-manage db sync") <= 2  # 2 workers
            assert "Traceback" not in log
    finally:
        cluster.stop()
    if cluster.connection.startswith("sqlite"):
        path = pathlib.Path(cluster.connection.removeprefix("sqlite:///"))
        assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO == 0

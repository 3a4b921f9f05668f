# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults that ``minova doctor`` names, caused for real.

``tests/faults/test_doctor.py`` has the faults of the matrix, ``test_doctor_on_qemu.py``
those of the hypervisor.
"""

import json
import os
import pathlib
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import amqp
import pytest
import sqlalchemy as sa

from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster
from tests.doctors import Doctor
from tests.functional import raw
from tests.real_mariadb import MariaDB
from tests.real_servers import RabbitMQ, wait_until

SOON = 15
"""Seconds that the doctor may take on a busy machine. Its own limits are 7 s."""


class Rig:
    """A broker with its management API, a cluster, a server and a doctor."""

    def __init__(self, broker: RabbitMQ, cluster: Cluster, management_url: str) -> None:
        self.broker = broker
        self.cluster = cluster
        self.doctor = Doctor(cluster, management_url)
        self.server_id = cluster.create_server("web")


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[RabbitMQ, str]]:
    with real_servers.folder_for("rabbitmq") as folder:
        running = RabbitMQ(folder)
        url = running.offer_management()
        running.start()
        yield running, url
        running.stop()


@pytest.fixture(scope="module")
def rig(
    broker: tuple[RabbitMQ, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("doctor")
    running, url = broker
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, running.new_vhost(), connection) as cluster:
        made = Rig(running, cluster, url)
        # The management API shows a new queue only after some seconds.
        made.doctor.wait_until_well()
        yield made


@pytest.fixture
def well(rig: Rig) -> Iterator[Rig]:
    """A rig without faults, before and after the test."""
    yield rig
    if not rig.broker.is_running():
        rig.broker.start()
    if not rig.cluster.host_processes():
        rig.cluster.start_host()
    if not rig.cluster.api_processes():
        rig.cluster.start_api()
    rig.doctor.wait_until_well()


@contextmanager
def _in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


def test_a_healthy_cluster(rig: Rig) -> None:
    status, told = rig.doctor.told()

    assert (status, told["well"], told["findings"]) == (0, True, [])
    seen = {each["subject"] for each in told["seen"]}
    assert seen == {"n-api", "database", "RabbitMQ", "disk"}
    assert [each["subject"] for each in told["not_looked"]] == ["guests"]
    plain = rig.doctor.run("web")
    assert plain.returncode == 0
    assert "Why: It is ACTIVE, and nothing holds it.\n" in plain.stdout
    assert "Nothing wrong was found.\n" in plain.stdout


def test_the_reason_for_a_server_that_looks_stuck(well: Rig) -> None:
    """n-cpu was stopped, so the message of a pause stays in the queue."""
    cluster = well.cluster
    cluster.stop_host()
    request = cluster.act(well.server_id, "pause").headers["x-openstack-request-id"]

    status, told = well.doctor.told("web")

    assert status == 1
    kinds = [each["kind"] for each in told["findings"]]
    assert kinds == ["n-cpu-stopped", "claim-waits-for-host"]
    server = told["server"]
    assert re.fullmatch(
        r"It has been pausing for \d+ s: its message waits in the queue "
        r"compute\.host-1\. n-cpu of host-1 does not run\.",
        server["why"],
    )
    assert server["next"] == f"minova trace {request}"
    assert server["facts"]["queue"] == "compute.host-1, messages: 1, readers: 0"
    assert server["records"][0]["result"] == "not begun"

    # libvirt's test guests end with their process, so there is nothing to pause.
    cluster.start_host()
    cluster.wait_for(well.server_id, "ACTIVE", 30)
    status, told = well.doctor.told(well.server_id)
    assert (status, told["findings"]) == (0, [])
    why = f"failed: Instance {well.server_id} could not be found."
    assert told["server"]["why"] == f"Its last request, pause, {why}"


@contextmanager
def _locked(file: pathlib.Path) -> Iterator[None]:
    """Lock SQLite like a writer that never commits."""
    with closing(sqlite3.connect(file, timeout=30)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.campaign
def test_sqlite_locked(well: Rig) -> None:
    with _locked(well.cluster.folder / "minova.sqlite"), _in_time():
        first = well.doctor.examine().report.findings[0]

    assert first.kind.name == "database-locked"
    assert re.match(r"Process \d+ \(.*\) has held the write lock", first.what)
    assert first.repair.endswith(f"sudo kill {os.getpid()}")


@pytest.mark.campaign
def test_fix_deletes_the_queue_of_a_host_that_is_gone(well: Rig) -> None:
    with raw.channel(well.cluster) as channel:
        channel.queue_declare("compute.host-9", durable=True, auto_delete=False)
    wait_until(lambda: well.doctor.finds() == ["queue-of-nobody"], 20, "it is found")
    assert well.doctor.run().returncode == 1
    assert _has_queue(well, "compute.host-9")

    repaired = well.doctor.run("--fix", "--json")

    assert repaired.stderr.startswith(
        "Repairing: The queue compute.host-9 is of a host"
    )
    told = json.loads(repaired.stdout)
    assert [(each["kind"], each["done"]) for each in told["fixed"]] == [
        ("queue-of-nobody", True)
    ]
    assert (repaired.returncode, told["findings"]) == (0, [])
    assert not _has_queue(well, "compute.host-9")


@pytest.mark.campaign
def test_fix_keeps_a_queue_with_messages(well: Rig) -> None:
    with raw.channel(well.cluster) as channel:
        channel.queue_declare("compute.host-8", durable=True, auto_delete=False)
        channel.basic_publish(amqp.Message("{}"), routing_key="compute.host-8")
    wait_until(lambda: well.doctor.finds() == ["queue-of-nobody"], 20, "it is found")

    status, told = well.doctor.told("--fix")

    assert status == 1
    assert told["fixed"][0]["error"] == "it is not empty, or somebody reads it"
    assert _has_queue(well, "compute.host-8")
    with raw.channel(well.cluster) as channel:
        channel.queue_delete("compute.host-8")
    wait_until(lambda: well.doctor.finds() == [], 20, "it is gone")


def _has_queue(rig: Rig, name: str) -> bool:
    with raw.channel(rig.cluster) as channel:
        try:
            channel.queue_declare(name, passive=True)
        except amqp.NotFound:
            return False
    return True


@pytest.mark.campaign
def test_a_queue_that_is_not_bound(well: Rig) -> None:
    with raw.channel(well.cluster) as channel:
        channel.queue_unbind("compute.host-1", "minova", "compute.host-1")

    assert "queue-unbound" in well.doctor.finds()
    wait_until(lambda: "host-down" in well.doctor.finds(), 20, "it hears nothing")
    with raw.channel(well.cluster) as channel:
        channel.queue_bind("compute.host-1", "minova", "compute.host-1")


@pytest.mark.campaign
def test_an_n_cpu_stopped_by_a_signal(well: Rig) -> None:
    pids = well.cluster.host_processes()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        first = well.doctor.examine().report.findings[0]
        assert first.kind.name == "n-cpu-frozen"
        assert set(first.repair.split()[3:]) == set(map(str, pids))
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.campaign
@pytest.mark.parametrize("alarm", ["memory", "disk"])
def test_an_alarm_of_the_broker(well: Rig, alarm: str) -> None:
    with well.broker.alarm(alarm):
        wait_until(
            lambda: "broker-alarm" in well.doctor.finds(), 20, "the alarm is found"
        )
        first = well.doctor.examine().report.findings[0]
        assert first.kind.name == "broker-alarm"
        assert f"its {alarm} alarm is on" in first.what


@pytest.mark.campaign
def test_a_frozen_broker(well: Rig) -> None:
    with well.broker.frozen(), _in_time():
        assert well.doctor.finds()[0] == "broker-silent"


@pytest.mark.campaign
def test_a_password_that_the_broker_refuses(well: Rig) -> None:
    cluster = well.cluster
    wrong = cluster.transport_url.replace("guest:guest", "guest:wrong")
    cluster.write_config("host-1", host="host-1", transport_url=wrong)
    try:
        found = well.doctor.examine().report.findings
        assert [each.kind.name for each in found] == ["broker-refuses"]
        assert "wrong" not in found[0].what
    finally:
        cluster.write_config("host-1", host="host-1")


@pytest.mark.campaign
def test_one_node_of_two(well: Rig) -> None:
    cluster = well.cluster
    two = cluster.transport_url.replace(
        f"127.0.0.1:{well.broker.port}/",
        f"127.0.0.1:{well.broker.port},guest:guest@127.0.0.1:1/",
    )
    cluster.write_config("host-1", host="host-1", transport_url=two)
    try:
        assert well.doctor.finds() == ["broker-node-down"]
    finally:
        cluster.write_config("host-1", host="host-1")


@pytest.mark.campaign
def test_a_host_on_another_machine(well: Rig) -> None:
    """Only its heartbeat and its queue are known."""
    cluster = well.cluster
    cluster.start_host("host-2")
    wait_until(lambda: len(cluster.hosts()) == 2, 10, "it has reported")
    cluster.kill_host("host-2")
    wait_until(lambda: "queue-unheard" in well.doctor.finds(), 10, "nobody reads it")
    with raw.channel(cluster) as channel:
        channel.queue_delete("compute.host-2")
    assert "queue-missing" in well.doctor.finds()
    wait_until(lambda: "host-down" in well.doctor.finds(), 20, "it is down")
    services = cluster.ask("GET", "/os-services", token="admin", version="2.53").json()
    (gone,) = (each for each in services["services"] if each["host"] == "host-2")
    path = f"/os-services/{gone['id']}"
    cluster.ask("DELETE", path, token="admin", version="2.53")


@pytest.mark.campaign
def test_a_host_that_an_admin_forced_down_or_disabled(well: Rig) -> None:
    cluster = well.cluster
    listed = cluster.ask("GET", "/os-services", token="admin", version="2.53").json()
    path = f"/os-services/{listed['services'][0]['id']}"

    def change(**values: object) -> None:
        answer = cluster.ask("PUT", path, values, token="admin", version="2.53")
        assert answer.status_code == 200, answer.text

    change(forced_down=True)
    assert well.doctor.finds() == ["host-forced-down"]
    change(forced_down=False)
    change(status="disabled", disabled_reason="moves house")
    status, told = well.doctor.told()
    assert (status, told["findings"][0]["kind"]) == (0, "host-disabled")
    assert "moves house" in told["findings"][0]["what"]
    change(status="enabled")


@pytest.fixture(scope="module")
def on_mariadb(
    broker: tuple[RabbitMQ, str],
    mariadb: MariaDB,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, Doctor]]:
    folder = tmp_path_factory.mktemp("doctor-mariadb")
    running, url = broker
    connection = mariadb.new_database("doctor")
    with clusters.running(folder, running.new_vhost(), connection) as cluster:
        doctor = Doctor(cluster, url)
        doctor.wait_until_well()
        yield cluster, doctor


@pytest.mark.campaign
def test_mariadb_frozen(on_mariadb: tuple[Cluster, Doctor], mariadb: MariaDB) -> None:
    _cluster, doctor = on_mariadb
    mariadb.freeze()
    try:
        with _in_time():
            assert doctor.finds()[0] == "database-silent"
    finally:
        mariadb.thaw()
    doctor.wait_until_well()


@pytest.mark.campaign
def test_mariadb_read_only(
    on_mariadb: tuple[Cluster, Doctor], mariadb: MariaDB
) -> None:
    _cluster, doctor = on_mariadb
    mariadb.sql("SET GLOBAL read_only = ON")
    try:
        assert doctor.finds()[0] == "database-read-only"
    finally:
        mariadb.sql("SET GLOBAL read_only = OFF")


@pytest.mark.campaign
def test_rows_of_mariadb_that_another_client_locks(
    on_mariadb: tuple[Cluster, Doctor], mariadb: MariaDB
) -> None:
    cluster, doctor = on_mariadb
    unseen = [each.subject for each in doctor.examine().report.not_looked]
    assert "transactions that hold rows" in unseen

    mariadb.sql("GRANT PROCESS ON *.* TO test@'127.0.0.1'")
    engine = sa.create_engine(cluster.connection, poolclass=sa.NullPool)
    with engine.begin() as holder:
        holder.execute(sa.text("SELECT * FROM services FOR UPDATE"))
        time.sleep(4)
        _status, told = doctor.told()
        number = holder.scalar(sa.text("SELECT CONNECTION_ID()"))

    assert told["findings"][0]["kind"] == "database-locked"
    assert told["findings"][0]["repair"].endswith(f"KILL {number}")
    unseen = [each["subject"] for each in told["not_looked"]]
    assert "transactions that hold rows" not in unseen


@pytest.mark.campaign
def test_mariadb_that_refuses(
    on_mariadb: tuple[Cluster, Doctor], mariadb: MariaDB
) -> None:
    _cluster, doctor = on_mariadb
    mariadb.sql("ALTER USER test@'127.0.0.1' IDENTIFIED BY 'another'")
    try:
        _status, told = doctor.told()
    finally:
        mariadb.sql("ALTER USER test@'127.0.0.1' IDENTIFIED BY 'test'")

    assert told["findings"][0]["kind"] == "database-refuses"
    assert "Access denied" in told["findings"][0]["what"]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""TLS to RabbitMQ and MariaDB by option. Passwords are in no place but the file."""

import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from minova import conf as options
from minova import exception
from minova.db.api import Database
from minova.db.connection import engine, outage
from minova.db.connection.transactions import Transactions, question
from minova.doctor import deployment
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Seen
from minova.doctor.looks.broker import Broker
from tests.cluster import Cluster
from tests.real_mariadb import DRIVERS, MariaDB
from tests.real_servers import RabbitMQ, folder_for
from tests.throwaway_ca import ThrowAwayCA

_BROKER_PASSWORD = "secret-of-the-broker"
_DATABASE_PASSWORD = "secret-of-the-database"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> ThrowAwayCA:
    return ThrowAwayCA(tmp_path_factory.mktemp("ca"), "right")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> ThrowAwayCA:
    return ThrowAwayCA(tmp_path_factory.mktemp("ca"), "wrong")


@pytest.fixture(scope="module")
def transport_url(authority: ThrowAwayCA) -> Iterator[str]:
    """The URL of a broker with TLS, with a password that must not appear anywhere."""
    with folder_for("rabbitmq") as folder:
        broker = RabbitMQ(folder)
        port = broker.offer_tls(*authority.issue(folder))
        broker.start()
        try:
            vhost = broker.new_vhost().rsplit("/", 1)[1]
            broker.new_user("minova", _BROKER_PASSWORD, vhost)
            yield f"rabbit://minova:{_BROKER_PASSWORD}@127.0.0.1:{port}/{vhost}"
        finally:
            broker.stop()


@pytest.fixture(scope="module")
def connection(authority: ThrowAwayCA) -> Iterator[str]:
    """The URL of a database that accepts only connections with TLS."""
    with folder_for("mysql") as folder:
        server = MariaDB(folder)
        server.stop()
        certificate, key = authority.issue(folder)
        server.start(
            *(f"--ssl-cert={certificate}", f"--ssl-key={key}"),
            "--require-secure-transport",
        )
        try:
            server.sql(
                f"CREATE USER tls@'127.0.0.1' IDENTIFIED BY '{_DATABASE_PASSWORD}'"
            )
            server.sql("GRANT ALL ON minova.* TO tls@'127.0.0.1'")
            yield (
                f"mysql+pymysql://tls:{_DATABASE_PASSWORD}@127.0.0.1:{server.port}"
                f"/minova?ssl_ca={authority.certificate}"
            )
        finally:
            server.stop()


def test_all_connections_with_tls(
    tmp_path: pathlib.Path,
    transport_url: str,
    connection: str,
    authority: ThrowAwayCA,
    stranger: ThrowAwayCA,
) -> None:
    """The right CA works. A wrong CA is refused, with an error without password."""
    cluster = Cluster(tmp_path, transport_url, connection)
    cluster.extra = _tls(authority)
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        server_id = cluster.create_server()
        assert cluster.act(server_id, "pause").status_code == 202
        cluster.wait_for(server_id, "PAUSED")

        cluster.stop_api()
        cluster.extra = _tls(stranger)
        cluster.start_api()
        refused = cluster.act(server_id, "unpause")
        assert refused.status_code == 503
        assert "CERTIFICATE_VERIFY_FAILED" in cluster.api_log()

        cluster.stop_api()
        cluster.extra = _tls(authority)
        cluster.connection = connection.replace(
            str(authority.certificate), str(stranger.certificate)
        )
        cluster.start_api()
        refused = cluster.ask("GET", f"/servers/{server_id}")
        assert refused.status_code == 503
        _see_no_password(cluster, refused.text)
    finally:
        cluster.stop()


@pytest.mark.parametrize("driver", DRIVERS)
def test_only_a_database_that_proves_its_name_is_asked(
    connection: str,
    mariadb: MariaDB,
    stranger: ThrowAwayCA,
    caplog: pytest.LogCaptureFixture,
    driver: str,
) -> None:
    """With ``ssl_ca``, anything else is an outage, with one line in the log."""
    right = sa.make_url(connection).set(drivername=f"mysql+{driver}")
    without = sa.make_url(mariadb.new_database(f"without_tls_{driver}", driver))
    wrong = {
        "a wrong CA": right.update_query_dict({"ssl_ca": str(stranger.certificate)}),
        "another name for 127.0.0.1": right.set(host="127.1"),
        "a server without TLS": without.set(query=right.query),
        "a host that nobody knows": right.set(host="unknown.invalid"),
    }

    with _engine(right).connect() as asked:
        cipher = asked.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").tuples().one()
    assert cipher[1].startswith("TLS_")
    for why, url in wrong.items():
        caplog.clear()
        with pytest.raises(exception.DatabaseUnavailable) as refused:
            Database(_engine(url)).service_list(60)
        assert refused.value.__cause__ is not None
        assert outage.is_gone(refused.value.__cause__), why
        (line,) = caplog.messages
        assert line.startswith("The database cannot be reached: "), line


class _Questions(Transactions):
    @question
    def me(self) -> int:
        with self._read() as connection:
            return int(connection.scalar(sa.func.connection_id().select()))


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_closed_connection_with_tls_is_replaced(connection: str, driver: str) -> None:
    made = _engine(sa.make_url(connection).set(drivername=f"mysql+{driver}"))
    questions = _Questions(made)
    closed = questions.me()
    with sa.create_engine(made.url, poolclass=sa.NullPool).connect() as other:
        other.exec_driver_sql(f"KILL {closed}")

    assert questions.me() != closed


def _engine(url: sa.URL) -> sa.Engine:
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("connection", url.render_as_string(False), group="database")
    return engine.create(conf)


def _see_no_password(cluster: Cluster, body: str) -> None:
    """No password is in logs, output, error bodies or process lists, even at DEBUG."""
    processes = subprocess.run(
        ["ps", "-eo", "args"], check=True, capture_output=True, text=True
    ).stdout
    written = [
        file
        for file in cluster.folder.rglob("*")
        if file.suffix in {".log", ".out"} and file.stat().st_size
    ]
    assert len(written) >= 2
    for text in (body, processes, *(file.read_text() for file in written)):
        assert _BROKER_PASSWORD not in text
        assert _DATABASE_PASSWORD not in text


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("transport_url", f"rabbit://minova:{_BROKER_PASSWORD}@127.0.0.1:port/x"),
        ("transport_url", f"rabbitt://minova:{_BROKER_PASSWORD}@127.0.0.1/x"),
        ("connection", f"mysql+pymysql://tls:{_DATABASE_PASSWORD}@127.0.0.1:x/y"),
        ("connection", f"mysql+pymsql://tls:{_DATABASE_PASSWORD}@127.0.0.1/y"),
        # Nothing listens on this port.
        ("connection", f"mysql+pymysql://tls:{_DATABASE_PASSWORD}@127.0.0.1:1/y"),
    ],
)
def test_a_wrong_url_is_not_shown(
    tmp_path: pathlib.Path, option: str, value: str
) -> None:
    """One line names the error but not the URL, because that holds a password."""
    database = f"sqlite:///{tmp_path}/x.sqlite"
    urls = {"transport_url": "rabbit://127.0.0.1:1/", "connection": database}
    urls[option] = value
    cluster = Cluster(tmp_path, urls["transport_url"], urls["connection"])
    file = cluster.write_config("api", log_dir="")
    command = "minova.cmd.compute" if option == "transport_url" else "minova.cmd.manage"
    arguments = [] if option == "transport_url" else ["db", "sync"]
    ended = subprocess.run(
        [
            *(sys.executable, "-c", f"import minova, {command} as c; c.main()"),
            *("--config-file", str(file), *arguments),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert _BROKER_PASSWORD not in said
    assert _DATABASE_PASSWORD not in said
    assert "Traceback" not in said, said


def _tls(authority: ThrowAwayCA) -> str:
    return (
        f"[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = {authority.certificate}\n"
    )


def test_the_doctor_uses_tls_like_the_daemons(
    tmp_path: pathlib.Path,
    transport_url: str,
    authority: ThrowAwayCA,
    stranger: ThrowAwayCA,
) -> None:
    file = tmp_path / "minova.conf"

    def look(ca: ThrowAwayCA) -> Finding | Seen | NotLooked:
        file.write_text(
            f"[DEFAULT]\ntransport_url = {transport_url}\n[oslo_messaging_rabbit]\n"
            f"ssl = true\nssl_ca_file = {ca.certificate}\n"
        )
        deployed = deployment.read(file)
        assert isinstance(deployed, Deployment)
        (said,) = Broker(deployed, None).look()
        return said

    assert isinstance(look(authority), Seen)
    refused = look(stranger)
    assert isinstance(refused, Finding)
    assert refused.kind.name == "broker-refuses"
    assert "CERTIFICATE_VERIFY_FAILED" in refused.what
    assert _BROKER_PASSWORD not in refused.what + refused.repair

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A process has one engine for each URL, without TLS on the same machine."""

import importlib.util
import pathlib
import re
import sys

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minova import conf as options
from minova.db.connection import engine
from minova.db.connection.transactions import Transactions

_MYSQLCLIENT = pytest.mark.skipif(
    importlib.util.find_spec("MySQLdb") is None,
    reason="make venv has no compiler for mysqlclient",
)


def _options(url: str) -> cfg.ConfigOpts:
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("connection", url, group="database")
    return conf


@pytest.mark.parametrize("url", ["sqlite:///{}/x.sqlite", "mysql+pymysql://u:p@h/{}"])
def test_one_for_each_url(url: str, tmp_path: object) -> None:
    first = engine.create(_options(url.format(tmp_path)))

    assert engine.create(_options(url.format(tmp_path))) is first
    assert engine.create(_options(url.format(tmp_path) + "2")) is not first


def test_urls_with_different_passwords_differ() -> None:
    first = engine.create(_options("mysql+pymysql://u:one@h/x"))

    assert engine.create(_options("mysql+pymysql://u:two@h/x")) is not first


def test_a_database_in_memory_is_shared() -> None:
    first = engine.create(_options("sqlite://"))
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (i)")

    with engine.create(_options("sqlite://")).begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").fetchall() == []
    first.dispose()


@pytest.mark.parametrize(
    ("url", "is_off"),
    [
        ("mysql+pymysql://u:p@127.0.0.1/x", True),
        ("mysql+pymysql://u:p@[::1]:3307/x", True),
        ("mysql+pymysql:///x?unix_socket=/run/mysqld/mysqld.sock", True),
        ("mysql+pymysql://u:p@127.0.0.1/x?ssl_ca=/etc/minova/ca.pem", False),
        ("mysql+pymysql://u:p@db.example.org/x", False),
        pytest.param("mysql+mysqldb://u:p@127.0.0.1/x", False, marks=_MYSQLCLIENT),
    ],
)
def test_tls_is_off_only_on_the_same_machine(url: str, is_off: bool) -> None:
    made = engine.create(_options(url))

    _, settings = made.dialect.create_connect_args(made.url)
    assert bool(settings.get("ssl_disabled")) is is_off


@_MYSQLCLIENT
@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("mysql://u:p@h/x?ssl_ca=/etc/minova/ca.pem", "VERIFY_IDENTITY"),
        ("mysql+mysqldb://u:p@127.0.0.1/x?ssl_capath=/etc/minova", "VERIFY_IDENTITY"),
        ("mysql+mysqldb://u:p@h/x?ssl_cert=/c.pem&ssl_key=/c.key", "REQUIRED"),
        ("mysql+mysqldb://u:p@h/x?ssl_ca=/ca.pem&ssl_mode=DISABLED", "DISABLED"),
        ("mysql+mysqldb://u:p@h/x", None),
    ],
)
def test_mysqlclient_insists_on_tls_that_is_asked_for(
    url: str, mode: str | None
) -> None:
    made = engine.create(_options(url))

    _, settings = made.dialect.create_connect_args(made.url)
    assert settings.get("ssl_mode") == mode


@pytest.mark.parametrize(
    "url",
    [
        "mysql+mysqldb://u:p@h/x?ssl_ca=/ca.pem&ssl_disabled=true",
        "mysql+mysqldb://u:p@h/x?ssl_ca=/ca.pem&ssl_check_hostname=0",
        "mysql+mysqldb://u:p@h/x?ssl_mode=required",
        "mysql+pymysql://u:p@h/x?ssl_mode=REQUIRED",
    ],
)
def test_a_setting_that_the_driver_does_not_take_is_refused_at_the_start(
    url: str,
) -> None:
    with pytest.raises(cfg.Error, match=r"does not take ssl_|ssl_mode is one of"):
        engine.create(_options(url))


def test_a_missing_driver_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module, driver, extra in (
        ("pymysql", "pymysql", "minova[mysql]"),
        ("MySQLdb", "mysqldb", "minova[mysqlclient]"),
    ):
        monkeypatch.setitem(sys.modules, module, None)
        told = rf"{module}.*{re.escape(extra)} for mysql\+{driver}:"
        with pytest.raises(cfg.Error, match=told):
            engine.create(_options(f"mysql+{driver}://u:p@h/missing"))


def test_a_returned_connection_is_in_no_transaction(tmp_path: pathlib.Path) -> None:
    """Its ROLLBACK may have failed."""
    made = engine.create(_options(f"sqlite:///{tmp_path}/x.sqlite"))
    with made.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("BEGIN")

    with made.connect() as connection:
        assert connection.connection.driver_connection is raw
        assert connection.scalar(sa.select(1)) == 1


class _Numbers(Transactions):
    def add(self) -> None:
        with self._write() as connection:
            connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")

    def counts(self, *, together: bool) -> list[int]:
        """Count twice.  Somebody else inserts a number between the statements."""
        take = self._read_together if together else self._read
        count = sa.text("SELECT count(*) FROM numbers")
        with take() as connection:
            first = connection.execute(count).scalar_one()
            self.add()
            return [first, connection.execute(count).scalar_one()]


def test_statements_that_belong_together_see_the_same_state(
    tmp_path: pathlib.Path,
) -> None:
    made = engine.create(_options(f"sqlite:///{tmp_path}/x.sqlite"))
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INT)")
    numbers = _Numbers(made)

    assert numbers.counts(together=True) == [0, 0]
    assert numbers.counts(together=False) == [1, 2]


def test_a_plain_connection_can_be_rolled_back(tmp_path: pathlib.Path) -> None:
    """Only ``to_read`` takes one without a transaction, and only for once."""
    made = engine.create(_options(f"sqlite:///{tmp_path}/x.sqlite"))
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INT)")
    with engine.to_read(made) as connection:
        raw = connection.connection.driver_connection

    with made.connect() as connection:
        assert connection.connection.driver_connection is raw
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
    with made.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM numbers").all() == []

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A process has one engine for each URL, without TLS on the same machine."""

import pathlib

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minova import conf as options
from minova.db.connection import engine


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
    ],
)
def test_tls_is_off_only_on_the_same_machine(url: str, is_off: bool) -> None:
    made = engine.create(_options(url))

    _, settings = made.dialect.create_connect_args(made.url)
    assert bool(settings.get("ssl_disabled")) is is_off


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

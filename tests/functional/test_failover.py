# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A MariaDB primary becomes a replica, and another server becomes the primary."""

import time

import sqlalchemy as sa

from minova import conf as options
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine
from tests import real_mariadb
from tests.cutting_proxy import CuttingProxy
from tests.real_mariadb import MariaDB


def test_the_next_write_reaches_the_new_primary(mariadb: MariaDB) -> None:
    """The former primary is still there, with our open connections."""
    with real_mariadb.mariadb() as second:
        second.new_database("failover")
        url = sa.make_url(mariadb.new_database("failover"))
        for server in (url, url.set(port=second.port)):
            migrate.sync(sa.create_engine(server))
        proxy = CuttingProxy(mariadb.port)
        conf = options.create("")
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override(
            "connection",
            url.set(port=proxy.port).render_as_string(hide_password=False),
            group="database",
        )
        db = Database(engine.create(conf))
        try:
            assert db.service_report("before")
            # Now both pools have a connection to the first server.
            assert len(db.service_list(60)) == 1
            mariadb.sql("SET GLOBAL read_only = 1")
            proxy.lead_to(second.port)
            began = time.monotonic()

            assert db.service_report("after")

            assert time.monotonic() - began < 2
            assert [service.host for service in db.service_list(60)] == ["after"]
        finally:
            mariadb.sql("SET GLOBAL read_only = 0")
            proxy.close()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What the ``ssl_`` settings of a database URL mean, for both drivers of MariaDB."""

from typing import Final

import sqlalchemy as sa
from oslo_config import cfg

_OF_BOTH: Final = {"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher"}
_TLS_SETTINGS: Final = {
    "mysqldb": {*_OF_BOTH, "ssl_mode"},
    "pymysql": {
        *_OF_BOTH,
        *("ssl_check_hostname", "ssl_disabled", "ssl_key_password"),
        *("ssl_verify_cert", "ssl_verify_identity"),
    },
}
"""The settings of a URL that mysqlclient 2.3 and PyMySQL 1.2 take for TLS."""
_MODES: Final = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")


def with_tls(url: sa.URL) -> sa.URL:
    """Make ``ssl_ca`` in a URL, or no ``ssl_…`` setting, mean the same to both drivers.

    Without such a setting, turn TLS off for a database on this machine.  For each
    connection, PyMySQL 1.2 reads all certificates of the system, even if the server has
    no TLS.  This takes 26 ms of CPU and 0.85 MiB.  Without TLS, a connection takes 1.5
    ms and 0.01 MiB (measured).  mysqlclient uses TLS only if it is asked.

    With a CA, PyMySQL insists on TLS and on the name in the certificate.  mysqlclient
    2.3 would take a connection without TLS, or a certificate for another name.

    Raises:
        cfg.Error: the driver does not take a setting.  It would fail only when it
            connects.
    """
    at_home = url.host in {None, "localhost", "127.0.0.1", "::1"}
    said = {name for name in url.query if name.startswith("ssl")}
    driver = url.get_driver_name()
    if driver == "pymysql" and at_home and not said:
        return url.update_query_dict({"ssl_disabled": "true"})
    if unknown := said - _TLS_SETTINGS.get(driver, said):
        raise cfg.Error(
            f"[database] connection cannot be used ({driver} does not take "
            f"{', '.join(sorted(unknown))})"
        )
    if url.query.get("ssl_mode", _MODES[0]) not in _MODES:
        raise cfg.Error(
            f"[database] connection cannot be used (ssl_mode is one of {_MODES})"
        )
    if driver != "mysqldb" or not said:
        return url
    mode = "VERIFY_IDENTITY" if said & {"ssl_ca", "ssl_capath"} else "REQUIRED"
    return url.set(query={"ssl_mode": mode} | dict(url.query))

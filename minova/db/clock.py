# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The database's clock."""

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext import compiler


class utcnow(sa.sql.functions.FunctionElement[datetime.datetime]):  # noqa: N801
    """The database's clock in UTC, with fractions of a second.

    All hosts use this one clock, because heartbeats and claims of different machines
    are compared with each other.
    """

    type = sa.DateTime()
    inherit_cache = True


@compiler.compiles(utcnow, "sqlite")
def _sqlite_utcnow(element: Any, visitor: Any, **kw: Any) -> str:
    """The same text form in which SQLAlchemy stores a datetime, to compare the two."""
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiler.compiles(utcnow, "mysql")
@compiler.compiles(utcnow, "mariadb")
def _mysql_utcnow(element: Any, visitor: Any, **kw: Any) -> str:
    return "UTC_TIMESTAMP(6)"

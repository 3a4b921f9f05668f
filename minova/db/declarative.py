# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What every table is made of: types, the clock, the owner of the metadata."""

import datetime
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext import compiler

from minova.compute.power_state import PowerState


class Base(orm.DeclarativeBase):
    """Owner of the metadata that Alembic compares with the database."""


class utcnow(sa.sql.functions.FunctionElement[datetime.datetime]):  # noqa: N801
    """The database's clock in UTC, with fractions of a second.

    One clock for all hosts: heartbeats and claims of different machines are compared
    with each other.
    """

    type = sa.DateTime()
    inherit_cache = True


@compiler.compiles(utcnow, "sqlite")
def _sqlite_utcnow(element: Any, visitor: Any, **kw: Any) -> str:
    """In the very form in which SQLAlchemy stores a datetime, so that they compare."""
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiler.compiles(utcnow, "mysql")
@compiler.compiles(utcnow, "mariadb")
def _mysql_utcnow(element: Any, visitor: Any, **kw: Any) -> str:
    return "UTC_TIMESTAMP(6)"


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


def by_value(members: type[enum.StrEnum]) -> sa.Enum:
    """Store the value ("active"), not the member's name, as Nova's tables do."""
    return sa.Enum(
        members,
        native_enum=False,
        length=255,
        values_callable=_values,
        create_constraint=False,
    )


class PowerStateNumber(sa.TypeDecorator[PowerState]):
    """Nova's number in the column, the member in Python."""

    impl = sa.Integer
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Any) -> PowerState:
        return PowerState(value or 0)


Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
Id = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")

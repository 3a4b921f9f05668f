# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What every table is made of: types, the clock, the owner of the metadata."""

import datetime
import enum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext import compiler

from minova.vocabulary.power_state import PowerState


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


S = TypeVar("S", bound=enum.StrEnum)


class StateName(sa.TypeDecorator[S]):
    """Nova's word in the column ("active"), the member in Python.

    A word that only another version knows comes as the text that it is, and so does a
    number below: one row that nobody understands must not take a whole list down.
    """

    impl = sa.String(255)
    cache_ok = True

    def __init__(self, members: type[S]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: S | None, dialect: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Any) -> S | None:
        try:
            return None if value is None else self.members(value)
        except ValueError:
            return cast(S, value)


class PowerStateNumber(sa.TypeDecorator[PowerState]):
    """Nova's number in the column, the member in Python."""

    impl = sa.Integer
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Any) -> PowerState:
        try:
            return PowerState(value or 0)
        except ValueError:
            return cast(PowerState, value)


Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
Id = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")

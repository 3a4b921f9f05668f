# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The types of the tables' columns."""

import enum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite

from minova.vocabulary.power_state import PowerState

S = TypeVar("S", bound=enum.StrEnum)


class StateName(sa.TypeDecorator[S]):
    """Stores Nova's word ("active"); in Python it is the enum member.

    A word that only another version knows stays text, and an unknown number in
    ``PowerStateNumber`` stays a number.  One unknown row must not break a whole list.
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
    """Stores Nova's number; in Python it is the enum member."""

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

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migration steps that first check whether they are already done.

MariaDB commits each step separately, and the revision's number after the last step.  An
interrupted revision therefore starts again with some of its steps done.
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

Id: Final = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
Time: Final = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
Text: Final = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
# Binary and without padding, as in SQLite: "Demo" is not "demo", "42 " is not "42".
_TABLE: Final[dict[str, Any]] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_nopad_bin",
}


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    if not _database().has_table(name):
        op.create_table(name, *parts, **_TABLE, **options)


def create_numbered(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """Create a table with these parts and the key column ``id``."""
    create_table(name, sa.Column("id", Id, primary_key=True), *parts, **options)


def add_column(table: str, column: sa.Column[Any]) -> None:
    if column.name not in {each["name"] for each in _database().get_columns(table)}:
        op.add_column(table, column)


def create_index(name: str, table: str, columns: list[str]) -> None:
    if not _database().has_index(table, name):
        op.create_index(name, table, columns)


def _database() -> sa.Inspector:
    """Make a new inspector each time, because an inspector caches what it saw."""
    return sa.inspect(op.get_bind())

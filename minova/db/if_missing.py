# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps of a revision that look first whether they were taken already.

MariaDB commits each of them by itself, and the revision's number after the last: one
that was interrupted begins anew with some of them taken.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    if not _database().has_table(name):
        op.create_table(name, *parts, **options)


def add_column(table: str, column: sa.Column[Any]) -> None:
    if column.name not in {each["name"] for each in _database().get_columns(table)}:
        op.add_column(table, column)


def create_index(name: str, table: str, columns: list[str]) -> None:
    if not _database().has_index(table, name):
        op.create_index(name, table, columns)


def _database() -> sa.Inspector:
    """A new one each time: it remembers what it saw."""
    return sa.inspect(op.get_bind())

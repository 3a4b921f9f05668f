# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Distinguish a flavor from a later one with the same id.

Revision ID: 0007

On a running cloud: safe with daemons of revision 0006, which do not know the new
columns and leave them NULL.  Flavors and servers without a uuid are matched by the
flavor's id.  If such a daemon makes a server from a newer flavor, a search for that
flavor does not find the server.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    if_missing.add_column("flavors", sa.Column("uuid", sa.String(length=36)))
    if_missing.add_column("instances", sa.Column("flavor_uuid", sa.String(length=36)))

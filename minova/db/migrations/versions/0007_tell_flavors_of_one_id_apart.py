# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tell a flavor from the one that is made later under the same id.

Revision ID: 0007

On a running cloud: safe beside daemons of revision 0006, which know nothing of the new
columns and leave them NULL.  A flavor without a uuid and the servers without one belong
together by the flavor's id.  A server that such a daemon makes of a newer flavor is not
found by it.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    if_missing.add_column("flavors", sa.Column("uuid", sa.String(length=36)))
    if_missing.add_column("instances", sa.Column("flavor_uuid", sa.String(length=36)))

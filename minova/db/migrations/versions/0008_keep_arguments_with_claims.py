# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keep what an action was asked with beside its claim, and what a host understands.

Revision ID: 0008

On a running cloud: safe beside daemons of revision 0007.  Columns are added that are
NULL, as they stay in claims and hosts of theirs: their actions have no arguments, and
their hosts are asked for nothing that is new.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    if_missing.add_column("instances", sa.Column("claim_arguments", sa.JSON()))
    if_missing.add_column("services", sa.Column("rpc_version", sa.String(length=11)))

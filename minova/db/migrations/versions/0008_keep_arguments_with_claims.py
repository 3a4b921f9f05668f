# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store an action's arguments with its claim, and the RPC version of a host.

Revision ID: 0008

On a running cloud: safe with daemons of revision 0007.  The new columns are NULL, and
stay NULL in the claims and hosts of those daemons.  Their actions have no arguments,
and their hosts are asked for nothing new.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    if_missing.add_column("instances", sa.Column("claim_arguments", sa.JSON()))
    if_missing.add_column("services", sa.Column("rpc_version", sa.String(length=11)))

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keep the names of who asked, for the log of an action that is settled.

Revision ID: 0005

On a running cloud: safe beside daemons of revision 0004.  Columns are added that are
NULL, as they stay in actions that are there.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("user_name", "project_name"):
        if_missing.add_column(
            "instance_actions", sa.Column(name, sa.String(length=255))
        )

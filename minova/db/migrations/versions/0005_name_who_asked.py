# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store the names of the user and the project, for the log of a settled action.

Revision ID: 0005

On a running cloud: safe with daemons of revision 0004.  The new columns are NULL, and
stay NULL in existing actions.
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

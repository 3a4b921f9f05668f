# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Find recently changed servers without reading the others.

Revision ID: 0006

On a running cloud: safe with daemons of revision 0005, which need not know the index.
MariaDB builds it while servers are read and written.
"""

from minova.db import if_missing

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    if_missing.create_index(
        "instances_updated_project_idx", "instances", ["updated_at", "project_id"]
    )

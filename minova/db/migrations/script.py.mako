"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}

On a running cloud: (what it locks, and for how long)
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
from minova.db import if_missing

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

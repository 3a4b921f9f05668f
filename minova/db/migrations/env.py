# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment, which uses the engine that it was given."""

import sqlalchemy as sa
from alembic import context

from minova.db.connection import engine as engines
from minova.db.tables import metadata


def run() -> None:
    engine: sa.Engine = context.config.attributes["engine"]
    with engines.to_write(engine) as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()


run()

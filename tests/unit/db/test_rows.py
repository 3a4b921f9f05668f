# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is read from a row is what was stored, without the usual constructors."""

import dataclasses
import json

import pytest
import sqlalchemy as sa

from minova.db.api import Database
from minova.objects.instance import Instance
from tests.unit.conftest import NewServer


def test_a_server_is_made_with_every_field(db: Database, new_server: NewServer) -> None:
    made = db.instance_get(new_server().uuid)

    assert made is not None
    names = [field.name for field in dataclasses.fields(Instance)]
    assert made == Instance(**{name: getattr(made, name) for name in names})


@pytest.mark.parametrize("space", ["", " ", "\n\t"])
def test_json_may_have_spaces_around_it(
    db: Database, new_server: NewServer, space: str
) -> None:
    """An operator may have edited the row."""
    server = new_server()
    stored = {"a": '"ü" \\ {}', "b": ""}
    text = f"{space}{json.dumps(stored)}{space}"
    with db._write() as connection:
        connection.execute(
            sa.text("UPDATE instances SET metadata = :text"), {"text": text}
        )

    found = db.instance_get(server.uuid)

    assert found is not None
    assert found.metadata == stored

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is read from a row is what was stored, without the usual constructors."""

import dataclasses

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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "\\u00fc \\"} {", "b": ""}', {"a": 'ü "} {', "b": ""}),
        (' \n{"a": "b"}\t', {"a": "b"}),
        ("7", 7),
    ],
)
def test_json_is_read_as_somebody_wrote_it(
    db: Database, new_server: NewServer, text: str, value: object
) -> None:
    """An operator may have edited the row."""
    server = new_server()
    _store(db, text)

    found = db.instance_get(server.uuid)

    assert found is not None
    assert found.metadata == value


@pytest.mark.parametrize("text", ['{"a": "b"} {}', "{", ""])
def test_what_is_no_json_is_not_read(
    db: Database, new_server: NewServer, text: str
) -> None:
    server = new_server()
    _store(db, text)

    with pytest.raises(ValueError, match=r"Extra data|Expecting"):
        db.instance_get(server.uuid)


def _store(db: Database, text: str) -> None:
    change = sa.text("UPDATE instances SET metadata = :text")
    with db._write() as connection:
        connection.execute(change, {"text": text})

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The part of an error that is recorded."""

import pytest
import sqlalchemy as sa

from minova import exception, failures

_SECRET = "s3cret-of-the-url"


def _raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as raised:  # to have a traceback
        return raised


def test_a_password_in_a_librarys_message() -> None:
    library = OSError(f"cannot reach http://nova:{_SECRET}@h:9292/v2")
    error = _raised(exception.GlanceConnectionFailed("h:9292", str(library)), library)

    failure = failures.describe(error)

    said = "Connection to glance host h:9292 failed: cannot reach http://***@h:9292/v2"
    assert failure.fault == failure.details == said
    trace = str(failure.traceback)
    assert "OSError: cannot reach http://***@h:9292/v2" in trace
    assert trace.endswith(f"GlanceConnectionFailed: {said}\n")
    assert _SECRET not in f"{failure}"


def test_a_statement_in_sqlalchemys_message() -> None:
    query = sa.text("SELECT a,\nb FROM nowhere WHERE c = :c")
    with (
        sa.create_engine("sqlite://").connect() as connection,
        pytest.raises(sa.exc.OperationalError) as raised,
    ):
        connection.execute(query, {"c": _SECRET})
    assert _SECRET in str(raised.value)

    failure = failures.describe(_raised(RuntimeError("on top"), raised.value))
    alone = failures.describe(raised.value)

    said = "(sqlite3.OperationalError) no such table: nowhere"
    assert (alone.fault, alone.details) == ("OperationalError", said)
    for trace in (str(alone.traceback), str(failure.traceback)):
        assert said in trace
        for hidden in (_SECRET, "[SQL", "[parameters", "Background", "WHERE"):
            assert hidden not in trace
    assert str(failure.traceback).endswith("RuntimeError: on top\n")

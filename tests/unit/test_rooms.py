# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""No folder has more modules than a reader can see at a glance."""

import pathlib

import minova

_AT_MOST = 18
TOP = pathlib.Path(minova.__file__).parent


def test_no_folder_has_too_many_modules() -> None:
    beside = {
        folder: len(list(folder.glob("*.py"))) for folder in [TOP, *TOP.rglob("*/")]
    }

    crowded = {folder: count for folder, count in beside.items() if count > _AT_MOST}
    # Migrations are a list that only grows.
    assert crowded.keys() <= {TOP / "db" / "migrations" / "versions"}

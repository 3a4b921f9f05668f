# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An entry point: choose native threads before any library chooses others."""

import pytest

from minova import native_threads  # noqa: F401


def pytest_itemcollected(item: pytest.Item) -> None:
    """Remove colons from test names; gabbi takes a test with colons for its own."""
    if not item.name.startswith("test_pytest["):
        item.name = item.name.replace(":", "=")

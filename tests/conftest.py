# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An entry point: it chooses native threads, before any library chooses others."""

import pytest

from minova import native_threads  # noqa: F401


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep colons out of the names of tests: gabbi takes such a test for its own."""
    if not item.name.startswith("test_pytest["):
        item.name = item.name.replace(":", "=")

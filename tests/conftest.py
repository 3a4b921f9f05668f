# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova is imported before any oslo library: it chooses their threads."""

import pytest

import minova  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests on one worker of xdist, and with them what they share.

    Those of ``e2e`` share this machine's broker and libvirtd, so they are one group.
    """
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in _ONE_AT_A_TIME else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


_ONE_AT_A_TIME = {"e2e"}

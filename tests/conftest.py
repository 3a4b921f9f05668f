# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An entry point: choose native threads before any library chooses others."""

import signal

import pytest

from minova import native_threads  # noqa: F401

# A shell without job control starts background processes with SIGINT ignored.  The
# commands that tests start would inherit this, and wait for Ctrl-C forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Remove colons from test names; gabbi takes a test with colons for its own."""
    if not item.name.startswith("test_pytest["):
        item.name = item.name.replace(":", "=")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A short run of benchmarks/chaos.py, with the same seed and faults each time."""

import pytest

from benchmarks import chaos
from tests.chaos.account import Account


def _check(account: Account) -> None:
    if not account.is_kept():
        # pytest would cut the message of an assertion, and the reason would be lost.
        pytest.fail(str(account))


@pytest.mark.timeout(400)
def test_two_minutes() -> None:
    account = chaos.run(
        database="mysql", servers=8, seconds=120, seed=4, rate=10, every=6
    )

    _check(account)
    assert account.accepted > 100
    assert account.done > account.failed


@pytest.mark.campaign
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("database", ["mysql", "sqlite"])
def test_ten_minutes(database: str) -> None:
    account = chaos.run(
        database=database, servers=20, seconds=600, seed=5, rate=20, every=6
    )

    _check(account)
    assert account.accepted > 1000

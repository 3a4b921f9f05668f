# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Random sequences of actions in one process, on the fake driver."""

import pytest

from tests.legality import random_actions
from tests.unit.one_process import Cloud


@pytest.mark.parametrize(
    ("runs", "steps"),
    [(4, 15), pytest.param(40, 50, marks=pytest.mark.campaign)],
    ids=["slice", "all"],
)
@pytest.mark.timeout(3600)
def test_no_server_is_stuck(cloud: Cloud, runs: int, steps: int) -> None:
    def power_off(server_id: str) -> None:
        instance = cloud.connections.db.instance_get(server_id)
        assert instance is not None
        cloud._host._driver.power_off(instance)

    random_actions.play(cloud, runs, steps, power_off)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Random sequences of actions on real daemons, with libvirt's test driver."""

import pytest

from tests.cluster import Cluster
from tests.legality import random_actions


@pytest.mark.parametrize(
    ("runs", "steps"),
    [(2, 12), pytest.param(20, 40, marks=pytest.mark.campaign)],
    ids=["slice", "all"],
)
@pytest.mark.timeout(3600)
def test_no_server_is_stuck(own_cluster: Cluster, runs: int, steps: int) -> None:
    own_cluster.start_host()
    own_cluster.start_api()

    random_actions.play(own_cluster, runs, steps)

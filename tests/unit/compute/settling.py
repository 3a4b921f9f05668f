# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One complete round of settling."""

from minova.compute.manager import ComputeManager
from minova.compute.unfinished import Settlement


def settle(manager: ComputeManager, older_than: float) -> None:
    settlement = Settlement(manager)
    for begun in settlement.begin(older_than):
        begun.result()
    settlement.stop()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``make growth`` measures each operation at each size."""

import itertools

import pytest

from benchmarks import growth


def test_each_figure_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    figures = list(growth.measure(growth.SMALL))

    asked = itertools.product(
        growth.OPERATIONS, growth.SMALL.servers, growth.SMALL.clients
    )
    measured = {(each.operation, each.servers, each.clients) for each in figures}
    assert measured == set(asked)
    assert all(0 < each.p50 <= each.p99 and each.rate > 0 for each in figures)
    growth.print_table(figures)
    shown = capsys.readouterr().out
    assert "| 1 at once | 4 at once |" in shown
    for name in ("pause, 2 servers", "list of 50, 20 servers"):
        assert f"\n| {name} | " in shown

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``make bench`` measures every row, and ``compare.py`` shows the changes."""

import copy

import pytest

from benchmarks import bench, compare, measuring


def test_each_row_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    rows = bench.report(bench.measure("sqlite", bench.SMALL))

    assert all(row["value"] > 0 for row in rows)
    in_yardsticks = {row["of"] for row in rows if row["ratio"]}
    assert in_yardsticks == {measuring.SUSPEND, measuring.EMPTY}
    bench.show(rows)
    shown = capsys.readouterr().out
    for figure in ("accept a pause, p50", "show, CPU", "n-cpu consuming"):
        assert f"| {figure} | " in shown


def test_changes_are_reported() -> None:
    rate = measuring.Figure("a rate", 100, "a second", more_is_better=True)
    found = [
        measuring.Figure(measuring.EMPTY, 1.0),
        measuring.Figure("show, CPU", 6.0, of=measuring.EMPTY),
        rate,
    ]
    old = {"figures": bench.report(found)}
    new = copy.deepcopy(old)
    # The machine is half as fast. Relative to it, show became twice as fast.
    new["figures"][0]["value"], new["figures"][1]["ratio"] = 2.0, 3.0
    new["figures"][2]["value"] = 50.0

    assert compare.compare(old, new) == [
        "| empty resource | 1.00 | 2.00 | ms | +100% | worse |",
        "| show, CPU | 6.00 | 3.00 | empty resource | -50% | better |",
        "| a rate | 100.00 | 50.00 | a second | -50% | worse |",
    ]

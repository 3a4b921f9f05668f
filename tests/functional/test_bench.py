# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``make bench`` measures every row, and its companions explain the figures."""

import copy
import pathlib

import pytest

from benchmarks import bench, compare, floor, shares
from benchmarks.figures import measuring
from benchmarks.sites import one_host
from tests import real_servers


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


def test_shares_of_a_pause(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        real_servers.rabbitmq() as broker,
        one_host.site(broker, "sqlite", 1, guests=False) as (site, _uri),
    ):
        # In three seconds, the rarest subject sometimes gets no sample.
        found = shares.measure(site, rounds=4, seconds=12)

    for name in ("n-api", "n-cpu"):
        assert min(found[name][subject] for subject in ("SQL", "log", "minova")) > 0
    shares.show(found)
    assert "| SQL | " in capsys.readouterr().out


def test_a_sample_counts_for_the_library_whose_code_runs() -> None:
    minova = f"ask ({pathlib.Path(shares.__file__).parents[1]}/minova/db/x.py:7)"
    sql = "execute (/v/lib/python3.11/site-packages/sqlalchemy/engine/base.py:1)"
    log = "handle (/usr/lib/python3.11/logging/__init__.py:978)"
    of_python = "get (/usr/lib/python3.11/queue.py:180)"
    stacks = [
        f"{minova};{sql} 3",
        f"{sql};{minova};{of_python} 2",
        f"{sql};{minova};{log} 1",
    ]

    assert shares.subjects(stacks) == {"SQL": 3, "minova": 2, "log": 1}


def test_the_floor_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    found = floor.medians([floor.measure("sqlite", bench.SMALL)])

    assert all(figure.value > 0 for each in found.values() for figure in each)
    floor.show(found)
    shown = capsys.readouterr().out
    head = "| | minova | its libraries, with promises | its libraries alone | target |"
    assert shown.startswith(head)
    for figure in ("accept a pause, p50", "show, CPU", "a watched pause"):
        assert f"| {figure}" in shown

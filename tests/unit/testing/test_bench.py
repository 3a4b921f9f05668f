# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``benchmarks/one_process.py``, with one or two rounds of each part."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]


def test_it_measures_every_figure(tmp_path: pathlib.Path) -> None:
    few = ("--starts", "1", "--rounds", "2", "--lives", "2", "--resets", "1")
    file = tmp_path / "measured.json"
    said = subprocess.run(
        [sys.executable, ROOT / "benchmarks/one_process.py", *few, "--json", file],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout

    measured = json.loads(file.read_text())
    assert measured["facts"]["processors"] >= 1
    times = {name: row["times"] for name, row in measured["milliseconds"].items()}
    assert list(times.values()) == [1, 2, 2, 2, 2, 1, 1]
    for name, row in measured["milliseconds"].items():
        assert 0 < row["p50 ms"] <= row["p90 ms"]
        assert f"| {name} | {row['p50 ms']} ms |" in said
    start = measured["milliseconds"]["start to the first 200"]
    # Processor time excludes other load, but other load still slows it down.
    assert start["processor ms"] < 2500
    assert 50 < measured["MiB"]["ever"] <= 140

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Shows what changed between two runs of ``bench.py``.

    python benchmarks/compare.py OLD.json NEW.json

If a figure has a yardstick, its ratio is compared, because the machine may have been
faster in one run.
"""

import argparse
import json
import pathlib
from typing import Any

_NOISE = 0.1
"""Smaller changes may be chance."""


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return a line for each figure that both runs have."""
    before = {figure["name"]: figure for figure in old["figures"]}
    return [
        _line(before[figure["name"]], figure)
        for figure in new["figures"]
        if figure["name"] in before
    ]


def _line(old: dict[str, Any], new: dict[str, Any]) -> str:
    has_ratio = old["ratio"] is not None and new["ratio"] is not None
    key, unit = ("ratio", new["of"]) if has_ratio else ("value", new["unit"])
    change = new[key] / old[key] - 1 if old[key] else 0.0
    word = ""
    if abs(change) > _NOISE:
        word = "better" if (change > 0) == new["more_is_better"] else "worse"
    return (
        f"| {new['name']} | {old[key]:.2f} | {new[key]:.2f} | {unit} | {change:+.0%} | "
        f"{word} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    options = parser.parse_args()
    old, new = (json.loads(path.read_text()) for path in (options.old, options.new))
    print(f"| | {old['facts']['revision']} | {new['facts']['revision']} | | | |")
    print("|---" * 6 + "|")
    print("\n".join(compare(old, new)))


if __name__ == "__main__":
    main()

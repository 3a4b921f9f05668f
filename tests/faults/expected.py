# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of the request in each cell, and the table in the documentation."""

import pathlib
from typing import Final

from tests.faults.matrix import FAULTS, STEPS

PAGE: Final = pathlib.Path(__file__).parents[2] / "docs/reliability.md"

_BEGIN: Final = "<!-- the matrix: python -m tests.faults.expected -->"
_END: Final = "<!-- end of the matrix -->"

Result = tuple[int | None, str]
"""Status of the answer, and how it ended on record (cell.Outcome)."""

DONE: Final[Result] = (202, "Success")
FAILED: Final[Result] = (202, "Error")
GIVEN_BACK: Final[Result] = (503, "not begun")
REFUSED: Final[Result] = (503, "nothing")
UNHEARD: Final[Result] = (None, "nothing")
UNANSWERED_DONE: Final[Result] = (None, "Success")

_WORDS: Final[dict[Result, str]] = {
    DONE: "202, done",
    FAILED: "202, failed on record",
    GIVEN_BACK: "503, given back",
    REFUSED: "503, nothing changed",
    UNHEARD: "no answer, nothing changed",
    UNANSWERED_DONE: "no answer, done",
}

_NOT_DONE: Final[dict[tuple[str, str], set[Result]]] = {
    ("before claim", "n-api killed"): {UNHEARD},
    ("before claim", "broker killed"): {GIVEN_BACK},
    ("before claim", "MariaDB killed"): {REFUSED},
    ("before claim", "SQLite locked"): {REFUSED},
    ("before claim", "libvirtd killed"): {FAILED},
    ("after claim", "n-api killed"): {UNANSWERED_DONE},
    ("after claim", "broker killed"): {GIVEN_BACK},
    ("after claim", "libvirtd killed"): {FAILED},
    ("after cast", "n-api killed"): {UNANSWERED_DONE},
    ("after cast", "libvirtd killed"): {DONE, FAILED},
    ("confirm held back, not begun", "n-api killed"): {UNANSWERED_DONE},
    ("confirm held back, not begun", "n-cpu killed"): {GIVEN_BACK},
    ("confirm held back, not begun", "broker killed"): {GIVEN_BACK},
    ("confirm held back, not begun", "libvirtd killed"): {GIVEN_BACK},
    ("confirm held back, begun", "n-api killed"): {UNANSWERED_DONE},
    ("confirm held back, begun", "libvirtd killed"): {FAILED},
    ("received", "libvirtd killed"): {FAILED},
    ("started", "libvirtd killed"): {FAILED},
}


def results(step: str, fault: str) -> set[Result]:
    """What may become of a pause or an unpause; where nothing is said it is done."""
    return _NOT_DONE.get((step, fault), {DONE})


def table() -> str:
    """Every cell, as it stands in docs/reliability.md."""
    rows = [["the request stands", *FAULTS], ["---"] * (len(FAULTS) + 1)]
    for step in STEPS:
        words = (" or ".join(_words(step, fault)) for fault in FAULTS)
        rows.append([step, *words])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _words(step: str, fault: str) -> list[str]:
    found = results(step, fault)
    return [words for result, words in _WORDS.items() if result in found]


def in_page() -> str:
    """The table that the page has now."""
    return PAGE.read_text().partition(f"{_BEGIN}\n")[2].partition(_END)[0]


if __name__ == "__main__":
    head, _begin, rest = PAGE.read_text().partition(f"{_BEGIN}\n")
    tail = rest.partition(_END)[2]
    PAGE.write_text(f"{head}{_BEGIN}\n{table()}{_END}{tail}")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The expected result of each cell, and the tables in the documentation."""

import pathlib
from collections.abc import Mapping
from typing import Final

from tests.faults import kinds
from tests.faults.cell import Outcome
from tests.faults.kinds import (
    ANOTHER_SIZE,
    ANSWERED,
    AT_ONCE,
    ONCE,
    REPLACED,
    TO_DISK,
    Kind,
    Place,
)
from tests.faults.matrix import Cell

PAGE: Final = pathlib.Path(__file__).parents[2] / "docs/reliability.md"

_BEGIN: Final = "<!-- the matrix: python -m tests.faults.expected -->"
_END: Final = "<!-- end of the matrix -->"

Result = tuple[str, str]
"""The answer (``accepted``, a status or ``none``), and its recorded end."""

DONE: Final[Result] = ("accepted", "Success")
FAILED: Final[Result] = ("accepted", "Error")
GIVEN_BACK: Final[Result] = ("503", "not begun")
REFUSED: Final[Result] = ("503", "nothing")
UNHEARD: Final[Result] = ("none", "nothing")
UNANSWERED_DONE: Final[Result] = ("none", "Success")

_WORDS: Final[dict[Result, str]] = {
    DONE: "{accepted}, done",
    FAILED: "{accepted}, failed on record",
    GIVEN_BACK: "503, given back",
    REFUSED: "503, nothing changed",
    UNHEARD: "no answer, nothing changed",
    UNANSWERED_DONE: "no answer, done",
}

_IN_N_API: Final[Mapping[Place, set[Result]]] = {
    ("after claim", "n-api killed"): {UNANSWERED_DONE},
    ("after claim", "broker killed"): {GIVEN_BACK},
    ("confirm held back, not begun", "broker killed"): {GIVEN_BACK},
}
_NOT_DONE: Final[Mapping[Kind, Mapping[Place, set[Result]]]] = {
    AT_ONCE: {
        **_IN_N_API,
        ("before claim", "n-api killed"): {UNHEARD},
        ("before claim", "broker killed"): {GIVEN_BACK},
        ("before claim", "MariaDB killed"): {REFUSED},
        ("before claim", "SQLite locked"): {REFUSED},
        ("before claim", "libvirtd killed"): {FAILED},
        ("after claim", "libvirtd killed"): {FAILED},
        ("after cast", "n-api killed"): {UNANSWERED_DONE},
        ("after cast", "libvirtd killed"): {DONE, FAILED},
        ("confirm held back, not begun", "n-api killed"): {UNANSWERED_DONE},
        ("confirm held back, not begun", "n-cpu killed"): {GIVEN_BACK},
        ("confirm held back, not begun", "libvirtd killed"): {GIVEN_BACK},
        ("confirm held back, begun", "n-api killed"): {UNANSWERED_DONE},
        ("confirm held back, begun", "libvirtd killed"): {FAILED},
        ("received", "libvirtd killed"): {FAILED},
        ("started", "libvirtd killed"): {FAILED},
    },
    TO_DISK: {**_IN_N_API, ("started", "libvirtd killed"): {FAILED}},
    ONCE: {
        **_IN_N_API,
        ("started", "libvirtd killed"): {FAILED},
        ("power still on", "n-cpu killed"): {FAILED},
        ("power still on", "libvirtd killed"): {FAILED},
        # libvirtd may or may not still read the call that the dead n-cpu wrote.
        ("in guest call", "n-cpu killed"): {DONE, FAILED},
        ("guest done", "n-cpu killed"): {FAILED},
    },
    ANSWERED: {**_IN_N_API, ("started", "libvirtd killed"): {FAILED}},
    REPLACED: {**_IN_N_API, ("started", "libvirtd killed"): {FAILED}},
    # A revert has to wait for libvirtd.
    ANOTHER_SIZE: {**_IN_N_API, ("started", "libvirtd killed"): {DONE, FAILED}},
}


def of(outcome: Outcome, cell: Cell) -> Result:
    """Return the result of a request in the words used for every kind."""
    status = "none" if outcome.status is None else str(outcome.status)
    accepted = outcome.status == cell.asked.accepted
    return "accepted" if accepted else status, outcome.result


def results(cell: Cell) -> set[Result]:
    """Return the possible results of the request."""
    return _results(cell.kind, (cell.step, cell.fault))


def tables() -> str:
    """Return the tables of all cells, as in docs/reliability.md."""
    return "\n".join(f"{kind.title}\n\n{_table(kind)}" for kind in kinds.ALL)


def in_page() -> str:
    """Return the tables that the page has now."""
    return PAGE.read_text().partition(f"{_BEGIN}\n")[2].partition(_END)[0]


def _results(kind: Kind, place: Place) -> set[Result]:
    """Name the results. An empty cell means that the action is done."""
    return _NOT_DONE[kind].get(place, {DONE})


def _table(kind: Kind) -> str:
    rows = [
        ["the request stands", *kind.faults],
        ["---"] * (len(kind.faults) + 1),
        *(
            [step, *(_words(kind, (step, fault)) for fault in kind.faults)]
            for step in kind.steps
        ),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _words(kind: Kind, place: Place) -> str:
    if place not in kind.places:
        return ""
    found = _results(kind, place)
    words = (words for result, words in _WORDS.items() if result in found)
    return " or ".join(words).format(accepted=kind.actions[0].accepted)


if __name__ == "__main__":
    head, _begin, rest = PAGE.read_text().partition(f"{_BEGIN}\n")
    tail = rest.partition(_END)[2]
    PAGE.write_text(f"{head}{_BEGIN}\n{tables()}{_END}{tail}")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Write the tables of docs/doctor.md, and its picture from a recorded examination.

python docs/capture_doctor.py [--write]
"""

import io
import json
import pathlib
import re
import string
import sys

from rich.console import Console

from minova.doctor import coloured, kinds
from minova.doctor.kinds import Kind

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "docs/doctor.md"
RECORDED = ROOT / "tests/unit/doctor/recorded.json"
_BLOCK = re.compile(
    "(?<=<!-- kinds: begin -->\n\n).*(?=\n<!-- kinds: end -->)", re.DOTALL
)
# Rich names fonts that a browser would download from another site.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def pages() -> dict[pathlib.Path, str]:
    """Return the files with the text that they should have."""
    table = "\n".join(map(_row, kinds.ALL))
    head = "| kind | what it is | by itself | repair |\n|---|---|---|---|"
    page = PAGE.read_text()
    return {
        PAGE: _BLOCK.sub(lambda _block: f"{head}\n{table}\n", page),
        ROOT / "docs/doctor.svg": _picture(),
    }


def _row(kind: Kind) -> str:
    fix = f" (`--fix` {kind.fix})" if kind.fix else ""
    cells = [
        f"`{kind.name}` ({kind.severity})",
        _filled(kind.what),
        _filled(kind.by_itself),
        f"{_filled(kind.repair)}{fix}",
    ]
    return f"| {' | '.join(cells)} |"


def _filled(text: str) -> str:
    """Replace each placeholder with its name in capitals."""
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    text = text.format_map({name: name.upper() for name in names})
    return text.replace("|", "\\|")


def _picture() -> str:
    console = Console(
        width=110,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    coloured.show(json.loads(RECORDED.read_text()), console)
    # By default, the id is a random number.
    picture = console.export_svg(title="minova doctor web", unique_id="minova")
    return _FONTS.sub("", picture)


def main() -> None:
    for path, text in pages().items():
        if "--write" in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path.name} is not as minova doctor shows it: --write")


if __name__ == "__main__":
    main()

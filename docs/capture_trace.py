# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes what README and docs/trace.md show, from a recorded pause.

python docs/capture_trace.py [--write]
"""

import io
import pathlib
import re
import sys

from rich.console import Console
from rich.text import Text

from minova.trace import coloured, diagram, logs, shown
from minova.trace.timeline import Reader, Timeline

ROOT = pathlib.Path(__file__).parents[1]
RECORDED = ROOT / "tests/unit/trace/recordings/minova"
PAUSE = "req-8139e14c-c3d3-46b0-8beb-75a81e44e607"
_BLOCK = re.compile(
    "(?<=<!-- trace: begin -->\n\n```\n).*(?=```\n\n<!-- trace: end -->)", re.DOTALL
)
# Rich names fonts that a browser would fetch from elsewhere.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def pages() -> dict[pathlib.Path, str]:
    """The files, as they should be."""
    timeline = Reader(logs.find([RECORDED])).trace(PAUSE)
    readme = (ROOT / "README.md").read_text()
    lines = "".join(f"{line[:99].rstrip()}\n" for line in _plain(timeline))
    return {
        ROOT / "README.md": _BLOCK.sub(lambda _block: lines, readme),
        ROOT / "docs/trace.svg": _trace(timeline),
        ROOT / "docs/trace-diagram.svg": _diagram(timeline),
    }


def _plain(timeline: Timeline) -> list[str]:
    return list(shown.plain(timeline, nova=False))


def _trace(timeline: Timeline) -> str:
    console = _console(120)
    coloured.show(timeline, console, nova=True)
    return _svg(console, "minova trace --last --nova")


def _diagram(timeline: Timeline) -> str:
    console = _console(90)
    for line in diagram.in_characters(timeline):
        console.print(Text(line))
    return _svg(console, "minova trace --last --diagram")


def _console(width: int) -> Console:
    return Console(
        width=width,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )


def _svg(console: Console, title: str) -> str:
    # Its own id is a random number.
    return _FONTS.sub("", console.export_svg(title=title, unique_id="minova"))


def main() -> None:
    for path, text in pages().items():
        if "--write" in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path.name} is not as minova trace shows it: --write")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Write the examples of README and docs/trace.md, from a recorded pause.

python docs/capture_trace.py [--write]
"""

import pathlib
import re
import sys

import pictures
from rich.text import Text

from minova.trace import coloured, diagram, logs, shown
from minova.trace.timeline import Reader, Timeline

ROOT = pathlib.Path(__file__).parents[1]
RECORDED = ROOT / "tests/unit/trace/recordings/minova"
PAUSE = "req-8139e14c-c3d3-46b0-8beb-75a81e44e607"
_BLOCK = re.compile(
    "(?<=<!-- trace: begin -->\n\n```\n).*(?=```\n\n<!-- trace: end -->)", re.DOTALL
)


def pages() -> dict[pathlib.Path, str]:
    """Return the files with the text that they should have."""
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
    console = pictures.console(120)
    coloured.show(timeline, console, nova=True)
    return pictures.svg(console, "minova trace --last --nova")


def _diagram(timeline: Timeline) -> str:
    console = pictures.console(90)
    for line in diagram.in_characters(timeline):
        console.print(Text(line))
    return pictures.svg(console, "minova trace --last --diagram")


def main() -> None:
    for path, text in pages().items():
        if "--write" in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path.name} is not as minova trace shows it: --write")


if __name__ == "__main__":
    main()

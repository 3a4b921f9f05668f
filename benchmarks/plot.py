# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Draws the figures of ``growth.py``: p50 and rate by number of clients.

python benchmarks/plot.py docs/growth.json docs/growth.svg

The same figures make the same file, byte by byte.  The picture has its own background,
for light and dark pages, and no scripts.
"""

import argparse
import json
import pathlib
from typing import Any, Final
from xml.etree import ElementTree

import pygal
from pygal.etree import etree
from pygal.style import Style

_COLOURS: Final = (
    *("#64b5f6", "#1976d2", "#0d2f6e"),
    *("#81c784", "#388e3c", "#0f3d14"),
    *("#e57373", "#d32f2f", "#6d0f0f"),
)
"""Each operation has a colour, which is darker for more servers."""
_STYLE: Final = Style(
    background="white",
    colors=_COLOURS,
    opacity="1",
    stroke_opacity="1",
    stroke_width="2",
    guide_stroke_color="#cccccc",
    major_guide_stroke_color="#cccccc",
    label_font_size=13,
    major_label_font_size=13,
)
_WIDTH: Final = 900
_HEIGHT: Final = 460
_SVG: Final = "http://www.w3.org/2000/svg"


def svg(document: dict[str, Any]) -> str:
    """Draw both charts, one above the other."""
    # pygal would use lxml if it is installed, and lxml writes other bytes.
    etree.to_etree()
    size = f"0 0 {_WIDTH} {2 * _HEIGHT}"
    picture = ElementTree.Element("svg", xmlns=_SVG, viewBox=size)
    charts = (
        ("p50", "p50 of one, milliseconds"),
        ("rate", "a second, all clients together"),
    )
    for number, (key, title) in enumerate(charts):
        chart = _chart(document, key, title)
        chart.set("y", str(number * _HEIGHT))
        picture.append(chart)
    return ElementTree.tostring(picture, encoding="unicode") + "\n"


def _chart(document: dict[str, Any], key: str, title: str) -> ElementTree.Element:
    """Draw a line for each operation and size, on a logarithmic axis."""
    figures, facts = document["figures"], document["facts"]
    operations = list(dict.fromkeys(each["operation"] for each in figures))
    sizes = sorted({each["servers"] for each in figures})
    clients = sorted({each["clients"] for each in figures})
    chart = pygal.Line(
        width=_WIDTH,
        height=_HEIGHT,
        explicit_size=True,
        js=[],
        style=_STYLE,
        title=title,
        x_title=f"clients at once (minova {facts['revision']}, {facts['when'][:10]})",
        x_labels=[str(number) for number in clients],
        y_labels=_marks([each[key] for each in figures]),
        logarithmic=True,
        value_formatter=lambda value: f"{value:,.4g}",
        truncate_legend=-1,
    )
    chart.uuid = key
    for operation in operations:
        for size in sizes:
            found = {
                each["clients"]: each[key]
                for each in figures
                if (each["operation"], each["servers"]) == (operation, size)
            }
            values = [found.get(number) for number in clients]
            chart.add(f"{operation}, {size:,} servers", values)
    return _static(chart.render_tree())


def _marks(values: list[float]) -> list[float]:
    """Return 1, 2, 5, 10, 20, 50 and so on, around the values."""
    marks = [10.0**power * step for power in range(-2, 7) for step in (1, 2, 5)]
    above = next(mark for mark in marks if mark >= max(values))
    below = next(mark for mark in reversed(marks) if mark <= min(values))
    return [mark for mark in marks if below <= mark <= above]


def _static(chart: ElementTree.Element) -> ElementTree.Element:
    """Remove scripts and comments.  One comment would contain today's date."""
    for parent in chart.iter():
        for child in list(parent):
            if child.tag in ("script", ElementTree.Comment):
                parent.remove(child)
    return chart


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("figures", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    options = parser.parse_args()
    options.picture.write_text(svg(json.loads(options.figures.read_text())))


if __name__ == "__main__":
    main()

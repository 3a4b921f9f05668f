# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The picture ``docs/growth.svg``."""

import json
import pathlib
from xml.etree import ElementTree

from benchmarks import plot

ROOT = pathlib.Path(plot.__file__).parents[1]
DRAWN = (ROOT / "docs/growth.svg").read_text()


def test_the_picture_shows_the_stored_figures() -> None:
    document = json.loads((ROOT / "docs/growth.json").read_text())

    again = "benchmarks/plot.py docs/growth.json docs/growth.svg"
    assert plot.svg(document) == DRAWN, again
    facts = document["facts"]
    for said in (facts["revision"], facts["when"][:10], "pause, 10,000 servers"):
        assert said in DRAWN


def test_a_page_can_show_the_picture() -> None:
    """On GitHub, a picture cannot run scripts or load other files."""
    for element in ElementTree.fromstring(DRAWN).iter():
        assert not element.tag.endswith("script")
        assert not {name for name in element.attrib if name.endswith("href")}
    assert "@import" not in DRAWN

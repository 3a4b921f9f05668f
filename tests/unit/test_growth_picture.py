# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The picture of growth in docs."""

import json
import pathlib
from xml.etree import ElementTree

from benchmarks import plot

ROOT = pathlib.Path(plot.__file__).parents[1]
DRAWN = (ROOT / "docs/growth.svg").read_text()


def test_the_page_shows_what_was_measured_last() -> None:
    document = json.loads((ROOT / "docs/growth.json").read_text())

    again = "benchmarks/plot.py docs/growth.json docs/growth.svg"
    assert plot.svg(document) == DRAWN, again
    facts = document["facts"]
    for said in (facts["revision"], facts["when"][:10], "pause, 10,000 servers"):
        assert said in DRAWN


def test_a_page_may_show_it_as_it_is() -> None:
    """GitHub lets a picture run no script and fetch nothing."""
    for element in ElementTree.fromstring(DRAWN).iter():
        assert not element.tag.endswith("script")
        assert not {name for name in element.attrib if name.endswith("href")}
    assert "@import" not in DRAWN

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rich's output as SVG."""

import io
import re

from rich.console import Console

# Rich names fonts that a browser would download from another site.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def console(width: int, height: int | None = None) -> Console:
    return Console(
        width=width,
        height=height,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )


def svg(printed: Console, title: str) -> str:
    # By default, the id is a random number.
    return _FONTS.sub("", printed.export_svg(title=title, unique_id="minova"))

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Who logs in where is a secret: it is taken out of URLs before anybody reads them."""

import re
from typing import Final
from urllib import parse

_USER_INFO: Final = re.compile(
    # Up to the last @ of what may be the authority; of several hosts none is left.
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*://)"
    # And over slashes, which SQLAlchemy lets a password have. Bounded: of thousands of
    # "x://" that somebody sends, each would be looked behind to the end.
    r"""(?:[^\s/?#'"<>]{0,256}|[^\s/:@'"<>]{0,256}:[^\s'"<>]{0,256})@""",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Write ``***`` for user and password of every URL in a text.

    oslo.utils' ``mask_password`` knows names of options and headers, and no URLs.
    """
    return _USER_INFO.sub(r"\1***@", text) if "@" in text else text


def host_of(url: str) -> str:
    """Host and port of a URL, and nothing else that it says."""
    return parse.urlsplit(url).netloc.rpartition("@")[2]

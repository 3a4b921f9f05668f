# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hides user names and passwords in URLs, before anybody reads them."""

import re
from typing import Final
from urllib import parse

_USER_INFO: Final = re.compile(
    # Match up to the last @ of the authority, because it may list several hosts.
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*://)"
    # A password may contain slashes, as SQLAlchemy allows. The length is bounded:
    # otherwise thousands of "x://" in a text would each be searched to its end.
    r"""(?:[^\s/?#'"<>]{0,256}|[^\s/:@'"<>]{0,256}:[^\s'"<>]{0,256})@""",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Replace user and password in every URL of a text with ``***``.

    oslo.utils' ``mask_password`` knows names of options and headers, but not URLs.
    """
    return _USER_INFO.sub(r"\1***@", text) if "@" in text else text


def host_of(url: str) -> str:
    """Return host and port of a URL, and nothing else."""
    return parse.urlsplit(url).netloc.rpartition("@")[2]

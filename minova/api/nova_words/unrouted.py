# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Nova's answer to a path or a method without a route.

WebOb writes it, in the format that ``Accept`` asks for. Recorded from Nova 34.
"""

from typing import Final

from webob import acceptparse

_VERSIONS: Final = frozenset({"v2", "v2.1", "image", "minova"})
"""First words of the paths of an API; ``image`` and ``minova`` are not Nova's."""

_JSON = (
    '{"message": "The resource could not be found.<br /><br />\\n\\n\\n", '
    '"code": "404 Not Found", "title": "Not Found"}'
)
_HTML = """\
<html>
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
  The resource could not be found.<br /><br />



 </body>
</html>"""
_PLAIN = "404 Not Found\n\nThe resource could not be found.\n\n   "


def is_below_a_version(path: str) -> bool:
    """Whether a path belongs to an API; the root answers any other path.

    Slashes before the first word do not count, as in Falcon's router. So a path of the
    root never has a route.
    """
    return path.lstrip("/").partition("/")[0] in _VERSIONS


def document(accept: str | None) -> tuple[str, str]:
    """Return content type and body for an ``Accept`` header."""
    offers = ("text/html", "application/json")
    acceptable = (
        acceptparse.create_accept_header(accept).acceptable_offers(offers)
        if accept
        else []
    )
    if not acceptable:
        return "text/plain; charset=UTF-8", _PLAIN
    if acceptable[0][0] == "text/html":
        return "text/html; charset=UTF-8", _HTML
    return "application/json", _JSON

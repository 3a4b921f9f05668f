# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What Nova answers to a path or a method it has no route for.

There WebOb itself speaks, in the shape that ``Accept`` asks for; recorded from Nova 34.
"""

from webob import acceptparse

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


def document(accept: str | None) -> tuple[str, str]:
    """Content type and body for an ``Accept`` header."""
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

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A request in JSON, by nothing but the standard library."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import Any

# No proxy of the environment's: it would not find this machine's loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """An answer that is an error, or none.

    Attributes:
        status: 0 where nobody answered.
        challenge: the header ``WWW-Authenticate`` of a 401.
    """

    def __init__(self, status: int, message: str, challenge: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.challenge = challenge


def send(
    method: str, url: str, headers: Mapping[str, str], body: Any = None
) -> tuple[Message, Any]:
    """Send it; the headers of the answer, and its JSON or None.

    Raises:
        Refused: with the words of the answer.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - whoever tests chose the URL
        url, data, {"Content-Type": "application/json"} | dict(headers), method=method
    )
    try:
        with _OPENER.open(request, timeout=60) as answer:
            text = answer.read()
            answered: Message = answer.headers
    except urllib.error.HTTPError as error:
        challenge = error.headers.get("WWW-Authenticate", "")
        raise Refused(error.code, fault_message(error.read()), challenge) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        where = "/".join(url.split("/", 3)[:3])
        raise Refused(0, f"{where} does not answer: {reason}") from None
    return answered, json.loads(text) if text else None


def fault_message(text: bytes) -> str:
    """What the body of an error says, a fault of Nova's or not."""
    try:
        (fault,) = json.loads(text).values()
        return str(fault["message"])
    except (ValueError, AttributeError, TypeError, KeyError):
        return text.decode(errors="replace")[:200]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Sending one JSON request, with the standard library alone."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import Any

# Without the environment's proxy, which could not reach this machine's loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The cloud answered with an error, did not answer, or did not do what was asked.

    Attributes:
        status: the HTTP status; 0 if the error is no HTTP answer.
        challenge: the header ``WWW-Authenticate`` of a 401.
    """

    def __init__(self, status: int, message: str, challenge: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.challenge = challenge


def send(
    method: str, url: str, headers: Mapping[str, str], body: Any = None
) -> tuple[Message, Any]:
    """Send a request, and return the headers and the JSON (or None) of the answer.

    Raises:
        Refused: the answer is an error, or no answer came within 60 s.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - the tester chose the URL
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
    """Return the message of an error's body, a Nova fault or any other text."""
    try:
        (fault,) = json.loads(text).values()
        return str(fault["message"])
    except (ValueError, AttributeError, TypeError, KeyError):
        return text.decode(errors="replace")[:200]

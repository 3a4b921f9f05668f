# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers of faults, in the words of Nova or of a proxy in front of it."""

import errno
import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import falcon

from minova.api.faults import kinds
from minova.api.faults.fault import Fault
from minova.api.front import errors

_TIMEOUT: Final = 504
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_OF_PROXIES: Final = {
    502: ("Bad Gateway", "The server returned an invalid or incomplete response."),
    503: ("Service Unavailable", "No server is available to handle this request."),
    504: ("Gateway Time-out", "The server didn't respond in time."),
}
"""Status, then HAProxy's title and text."""
_NO_TOKEN: Final = {
    "error": {
        "code": _UNAUTHORIZED,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }
}
"""The document of keystonemiddleware 13.0."""


class Answer(NamedTuple):
    status: str
    headers: list[tuple[str, str]]
    body: bytes


def status_of(fault: Fault) -> int:
    """The status that a fault answers with; 401 for an expired token."""
    return fault.status or _UNAUTHORIZED


def is_performed(fault: Fault) -> bool:
    """Whether n-api still does what was asked.

    A fault that changes the status decides with ``performed``; its default is true for
    a 504 only.
    """
    if fault.kind == kinds.TOKEN_EXPIRES.name:
        return False
    if fault.kind != kinds.ANSWER.name:
        return True
    return status_of(fault) == _TIMEOUT if fault.performed is None else fault.performed


def written(
    fault: Fault, instead_of: Answer, environ: dict[str, Any], identity_url: str
) -> Answer:
    """Return the answer of a fault that replaces n-api's answer.

    Args:
        instead_of: n-api's own answer; its request id stays, unless a proxy answers.
        identity_url: where a client gets tokens.
    """
    code = status_of(fault)
    if code in _OF_PROXIES:
        title, said = _OF_PROXIES[code]
        text = f"<html><body><h1>{code} {title}</h1>\n{said}\n</body></html>\n"
        headers = [("Cache-Control", "no-cache"), ("Content-Type", "text/html")]
    else:
        text = _document(fault, code, environ)
        ids = [one for one in instead_of.headers if one[0].lower().endswith("-id")]
        headers = [*ids, ("Content-Type", errors.CONTENT_TYPE)]
    if code == _UNAUTHORIZED:
        headers.append(("WWW-Authenticate", f'Keystone uri="{identity_url}"'))
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.retry_after)))
    body = text.encode()
    headers.append(("Content-Length", str(len(body))))
    return Answer(falcon.code_to_http_status(code), headers, body)


def _document(fault: Fault, code: int, environ: dict[str, Any]) -> str:
    if code == _UNAUTHORIZED:
        return json.dumps(_NO_TOKEN)
    if code != _TOO_MANY:
        return errors.fault(code, errors.unexpected(environ))
    document = json.loads(errors.fault(code, "This request was rate-limited."))
    if fault.retry_after is not None:
        # Nova's Fault has it in the body too, as a string.
        document["overLimit"]["retryAfter"] = str(fault.retry_after)
    return json.dumps(document)


def with_body(answer: Answer) -> Answer:
    """Return the answer; an empty body becomes ``{}``, which can be cut."""
    if answer.body:
        return answer
    status = falcon.HTTP_200 if answer.status.startswith("204") else answer.status
    headers = [one for one in answer.headers if one[0].lower() != "content-length"]
    return Answer(status, [*headers, ("Content-Length", "2")], b"{}")


def cut(body: bytes) -> Iterator[bytes]:
    """Yield half of the body, then raise as if the client had gone.

    gunicorn (27) would keep the connection open after an answer that is too short.
    After this error gunicorn and waitress (3.0) close it, without a traceback.
    """
    yield body[: len(body) // 2]
    raise ConnectionResetError(errno.ECONNRESET, "The answer was cut on order")

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers that go wrong: decided where it is known who asks, done outside of it all.

A request that n-api never sees, for a proxy refuses it, is known to n-api here: it has
a line in the log, and the proxy's answer has no headers of n-api's.
"""

import contextlib
import errno
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final

import falcon
from oslo_log import log as logging

from minova.api.faults import kinds, requests
from minova.api.faults.fault import Fault, kind_of
from minova.api.faults.registry import Faults
from minova.api.front import errors

LOG = logging.getLogger(__name__)

Application = Callable[..., Iterable[bytes]]
Headers = list[tuple[str, str]]

MEETING: Final = "minova.meeting"
"""Where a request of a tool leaves in the WSGI environment what can be met in it."""
_STRUCK: Final = "minova.faults"
_KINDS: Final = kinds.of_part(kinds.Part.ANSWERS)
_REPLACED: Final = (kinds.ANSWER.name, kinds.TOKEN_EXPIRES.name)

_TIMEOUT: Final = 504
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_OF_PROXIES: Final = {
    502: "The server returned an invalid or incomplete response.",
    503: "No server is available to handle this request.",
    504: "The server didn't respond in time.",
}
"""HAProxy's words; the other answers are Nova's."""
_NO_TOKEN: Final = {
    "error": {
        "code": _UNAUTHORIZED,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }
}
"""keystonemiddleware's (13.0)."""


class Inside:
    """WSGI middleware behind the authentication: which faults strike a request."""

    def __init__(self, app: Application, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not requests.is_of_a_tool(environ):
            return self._app(environ, start_response)
        meeting = environ[MEETING] = requests.meeting(environ)
        struck = environ[_STRUCK] = self._faults.strike(_KINDS, meeting)
        for fault in struck:
            LOG.warning("Fault %s was ordered: %s", fault.id, kind_of(fault).what)
        refusal = next((fault for fault in struck if not _is_performed(fault)), None)
        if refusal is None:
            return self._app(environ, start_response)
        return errors.refuse(start_response, _status(refusal), "")


class Outside:
    """WSGI middleware in front of it all: what the client gets."""

    def __init__(
        self,
        app: Application,
        faults: Faults,
        identity_url: str | None,
        waiting: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext,
    ) -> None:
        """Stand before ``app``.

        Args:
            identity_url: where a 401 says that tokens are to be had; None says n-api's.
            waiting: is entered while an answer is late.
        """
        self._app = app
        self._faults = faults
        self._identity_url = identity_url
        self._waiting = waiting

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        kept: list[Any] = []

        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            if not environ.get(_STRUCK):
                return start_response(status, headers, *exc_info)
            kept[:] = status, headers
            return None

        answer = self._app(environ, start)
        if not kept:
            return answer
        with contextlib.closing(_Closing(answer)):
            body = b"".join(answer)
        status, headers = kept
        status, headers, body = self._replaced(environ, status, headers, body)
        has_body = environ["REQUEST_METHOD"] != "HEAD"
        if has_body and any(f.kind == kinds.ANSWER_CUT.name for f in environ[_STRUCK]):
            status, headers, body = _with_body(status, headers, body)
            start_response(status, headers)
            return _cut(body)
        start_response(status, headers)
        return [body] if has_body else []

    def _replaced(
        self, environ: dict[str, Any], status: str, headers: Headers, body: bytes
    ) -> tuple[str, Headers, bytes]:
        faults: list[Fault] = environ[_STRUCK]
        for fault in faults:
            if fault.kind == kinds.ANSWER_LATE.name:
                with self._waiting():
                    self._faults.hold(fault)
        for fault in faults:
            if fault.kind in _REPLACED:
                return self._answer_of(environ, fault, headers)
        return status, headers, body

    def _answer_of(
        self, environ: dict[str, Any], fault: Fault, headers: Headers
    ) -> tuple[str, Headers, bytes]:
        code = _status(fault)
        new: Headers = []
        if code in _OF_PROXIES:
            kind, text = "text/html", _page(code)
            new.append(("Cache-Control", "no-cache"))
        else:
            kind, text = errors.CONTENT_TYPE, self._document(environ, fault, code)
            new += [pair for pair in headers if pair[0].lower().endswith("request-id")]
        if code == _UNAUTHORIZED:
            url = self._identity_url or requests.root(environ)
            new.append(("WWW-Authenticate", f'Keystone uri="{url}"'))
        if fault.retry_after is not None:
            new.append(("Retry-After", str(fault.retry_after)))
        body = text.encode()
        new += [("Content-Type", kind), ("Content-Length", str(len(body)))]
        return falcon.code_to_http_status(code), new, body

    @staticmethod
    def _document(environ: dict[str, Any], fault: Fault, code: int) -> str:
        if code == _UNAUTHORIZED:
            return json.dumps(_NO_TOKEN)
        if code != _TOO_MANY:
            return errors.fault(code, errors.unexpected(environ))
        document = json.loads(errors.fault(code, "This request was rate-limited."))
        if fault.retry_after is not None:
            # Nova's Fault has it in the body as well, as a text.
            document["overLimit"]["retryAfter"] = str(fault.retry_after)
        return json.dumps(document)


class _Closing:
    """``close`` of what may have none."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()


def _status(fault: Fault) -> int:
    return fault.status or _UNAUTHORIZED


def _is_performed(fault: Fault) -> bool:
    """Whether n-api does what is asked; as a rule after a 504 alone."""
    if fault.kind == kinds.TOKEN_EXPIRES.name:
        return False
    if fault.kind != kinds.ANSWER.name:
        return True
    return _status(fault) == _TIMEOUT if fault.performed is None else fault.performed


def _page(code: int) -> str:
    title = falcon.code_to_http_status(code)
    title = {504: "504 Gateway Time-out"}.get(code, title)
    return f"<html><body><h1>{title}</h1>\n{_OF_PROXIES[code]}\n</body></html>\n"


def _with_body(
    status: str, headers: Headers, body: bytes
) -> tuple[str, Headers, bytes]:
    """The same, if there is a body that can be cut; an empty one becomes one."""
    if body:
        return status, headers, body
    status = falcon.HTTP_200 if status.startswith("204") else status
    headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    return status, [*headers, ("Content-Length", "2")], b"{}"


def _cut(body: bytes) -> Iterator[bytes]:
    """Half of what is promised; then the server does as if the client were gone.

    gunicorn (27) would keep a connection whose answer is too short; after this error it
    closes it, and waitress (3.0) does as well, both without a traceback.
    """
    yield body[: len(body) // 2]
    raise ConnectionResetError(errno.ECONNRESET, "The answer was cut on order")

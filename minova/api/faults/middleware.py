# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults of answers: ``Inside`` knows the caller and decides, ``Outside`` answers.

A real proxy would refuse a request before n-api sees it. Here n-api logs it too, but
the proxy's answer still has none of n-api's headers.
"""

import contextlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

from minova.api.faults import answers, kinds, requests
from minova.api.faults.answers import Answer
from minova.api.faults.fault import Fault
from minova.api.faults.registry import Faults
from minova.api.front import errors

Application = Callable[..., Iterable[bytes]]

MEETING: Final = "minova.meeting"
"""Key of the ``Meeting`` of a tool's request in the WSGI environment."""
_STRUCK: Final = "minova.faults"
_KINDS: Final = kinds.of_part(kinds.Part.ANSWERS)


class Inside:
    """WSGI middleware after the authentication: decides which faults strike."""

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
        refusal = next((f for f in struck if not answers.is_performed(f)), None)
        if refusal is None:
            return self._app(environ, start_response)
        return errors.refuse(start_response, answers.status_of(refusal), "")


class Outside:
    """WSGI middleware in front of everything: changes what the client gets."""

    def __init__(
        self,
        app: Application,
        faults: Faults,
        identity_url: str | None,
        waiting: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext,
    ) -> None:
        """Put the middleware before ``app``.

        Args:
            identity_url: where a 401 sends clients for a token; None is n-api's URL.
            waiting: makes a context that is held while an answer is late.
        """
        self._app = app
        self._faults = faults
        self._identity_url = identity_url
        self._waiting = waiting

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        kept: list[Any] = []

        def start(status: str, headers: list[Any], *exc_info: Any) -> Any:
            if not environ.get(_STRUCK):
                return start_response(status, headers, *exc_info)
            kept[:] = status, headers
            return None

        said = self._app(environ, start)
        if not kept:
            return said
        status, headers = kept
        answer = Answer(status, headers, _read(said))
        return self._struck(environ, answer, start_response)

    def _struck(
        self, environ: dict[str, Any], answer: Answer, start: Callable[..., Any]
    ) -> Iterable[bytes]:
        by_kind: dict[str, Fault] = {}
        for fault in environ[_STRUCK]:
            by_kind.setdefault(fault.kind, fault)
            if fault.kind == kinds.ANSWER_LATE.name:
                with self._waiting():
                    self._faults.hold(fault)
        for kind in (kinds.TOKEN_EXPIRES, kinds.ANSWER):
            if kind.name in by_kind:
                url = self._identity_url or requests.root(environ)
                answer = answers.written(by_kind[kind.name], answer, environ, url)
                break
        has_body = environ["REQUEST_METHOD"] != "HEAD"
        is_cut = has_body and kinds.ANSWER_CUT.name in by_kind
        status, headers, body = answers.with_body(answer) if is_cut else answer
        start(status, headers)
        if is_cut:
            return answers.cut(body)
        return [body] if has_body else []


def _read(said: Any) -> bytes:
    try:
        return b"".join(said)
    finally:
        if hasattr(said, "close"):
            said.close()

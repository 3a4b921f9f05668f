# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A Falcon request that knows its caller, its version and its links."""

import json
import math
from typing import Any, Final

import falcon

from minova import exception
from minova.context import RequestContext

CONTEXT = "minova.context"
"""Key of the caller in the WSGI environment; the authentication sets it."""

PROJECT_ID = "minova.project_id"
"""Key of the project id of ``/v2.1/{project_id}/…``; ``routing`` sets it."""

_JSON_TYPES = frozenset(
    {
        "application/json",
        "application/vnd.openstack.compute+json",
        # Nova also reads these as JSON.
        "",
        "text/plain",
        # `curl -d` sends this type for any body (a difference from Nova).
        "application/x-www-form-urlencoded",
    }
)

_DEEPEST: Final = 100
"""Levels of nesting in JSON; the API's own bodies have ten at most."""


class Request(falcon.Request):
    """The request that the resources get."""

    @property
    def caller(self) -> RequestContext:
        caller: RequestContext = self.env[CONTEXT]
        return caller

    @property
    def version(self) -> tuple[int, int]:
        """The microversion of the answer: ``if req.version >= (2, 47)``."""
        version: tuple[int, int] = self.context.version
        return version

    @property
    def project_prefix(self) -> str:
        """``/{project_id}`` for the links of the answer, if the path had it."""
        project_id = self.env.get(PROJECT_ID)
        return f"/{project_id}" if project_id else ""

    def link(self, path: str) -> str:
        """The URL of a path under this API version, such as ``servers/{id}``."""
        return f"{self.prefix}/v2.1{self.project_prefix}/{path}"

    def bookmark(self, path: str) -> str:
        """The URL without a version, as in Nova's ``bookmark`` links."""
        return f"{self.prefix}{self.project_prefix}/{path}"

    def read_body(self) -> bytes:
        """Return the raw body.

        Raises:
            falcon.HTTPUnsupportedMediaType: its content type does not count as JSON.
        """
        media_type = (self.content_type or "").partition(";")[0].strip().lower()
        if media_type not in _JSON_TYPES:
            raise falcon.HTTPUnsupportedMediaType(
                description="Unsupported Content-Type"
            )
        body: bytes = self.bounded_stream.read()
        return body

    def read_json(self) -> Any:
        """Return the body as JSON, or None for an empty body.

        Raises:
            MalformedRequestBody: as ``parse_json`` raises it.
        """
        raw = self.read_body()
        return parse_json(raw) if raw else None


def parse_json(body: bytes) -> Any:
    """Read JSON.

    Raises:
        MalformedRequestBody: it is not JSON, is nested too deeply, or has a value that
            no database can store: half of a surrogate pair, NaN or infinity.
    """
    try:
        parsed = json.loads(
            body.decode("utf-8"), parse_float=_finite, parse_constant=_finite
        )
        # Strict UTF-8 has no half of a surrogate pair, but an escape can make one.
        if b"\\u" in body:
            json.dumps(parsed, ensure_ascii=False).encode()
        if body.count(b"[") + body.count(b"{") > _DEEPEST:
            _check_depth(parsed)
    except (ValueError, RecursionError):
        raise exception.MalformedRequestBody from None
    return parsed


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _check_depth(parsed: Any) -> None:
    """Refuse nesting that is too deep for recursive functions."""
    level = [parsed]
    for _ in range(_DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise RecursionError


def one_action(body: Any) -> tuple[str, Any]:
    """Read key and value from ``{"pause": null}``.

    The errors are Nova's (``nova.api.openstack.wsgi``).

    Raises:
        MalformedRequestBody: an object, a list or a string without exactly one item.
        falcon.HTTPNotFound: any other value that is not an object.
    """
    if isinstance(body, dict | list | str) and len(body) != 1:
        raise exception.MalformedRequestBody
    if not isinstance(body, dict):
        raise falcon.HTTPNotFound(description="The resource could not be found.")
    return next(iter(body.items()))

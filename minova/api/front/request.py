# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A Falcon request that knows its caller, its version and where it was sent."""

import json
import math
from typing import Any, Final

import falcon

from minova import exception
from minova.context import RequestContext

CONTEXT = "minova.context"
"""Where the authentication leaves the caller in the WSGI environment."""

PROJECT_ID = "minova.project_id"
"""Where ``deploy`` leaves the project id of ``/v2.1/{project_id}/…``."""

_JSON_TYPES = frozenset(
    {
        "application/json",
        "application/vnd.openstack.compute+json",
        # Nova takes these for JSON too.
        "",
        "text/plain",
        # And this is what `curl -d` says of whatever it sends (a difference from Nova).
        "application/x-www-form-urlencoded",
    }
)

_DEEPEST: Final = 100
"""Levels of JSON in JSON; what the API takes has ten at most."""


class Request(falcon.Request):
    """What the resources read."""

    @property
    def caller(self) -> RequestContext:
        caller: RequestContext = self.env[CONTEXT]
        return caller

    @property
    def version(self) -> tuple[int, int]:
        """The microversion that the answer has: ``if req.version >= (2, 47)``."""
        version: tuple[int, int] = self.context.version
        return version

    @property
    def project_prefix(self) -> str:
        """``/{project_id}`` if the request's path had it, for its answer's links."""
        project_id = self.env.get(PROJECT_ID)
        return f"/{project_id}" if project_id else ""

    def link(self, path: str) -> str:
        """The address of something under this API version, such as ``servers/{id}``."""
        return f"{self.prefix}/v2.1{self.project_prefix}/{path}"

    def bookmark(self, path: str) -> str:
        """The same without a version, as Nova gives it."""
        return f"{self.prefix}{self.project_prefix}/{path}"

    def read_body(self) -> bytes:
        """The body as it came.

        Raises:
            falcon.HTTPUnsupportedMediaType: it says it is something else than JSON.
        """
        media_type = (self.content_type or "").partition(";")[0].strip().lower()
        if media_type not in _JSON_TYPES:
            raise falcon.HTTPUnsupportedMediaType(
                description="Unsupported Content-Type"
            )
        body: bytes = self.bounded_stream.read()
        return body

    def read_json(self) -> Any:
        """The body as JSON; None if there is none.

        Raises:
            MalformedRequestBody: as ``parse_json`` raises it.
        """
        raw = self.read_body()
        return parse_json(raw) if raw else None


def parse_json(body: bytes) -> Any:
    """Read JSON.

    Raises:
        MalformedRequestBody: it is not JSON, nests too deep, or has what no database
            can store: half of a surrogate pair, NaN, or a number without bounds.
    """
    try:
        parsed = json.loads(
            body.decode("utf-8"), parse_float=_finite, parse_constant=_finite
        )
        # Strict UTF-8 has no half of a surrogate pair, but an escape may make one.
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
    """Let pass only what functions that call themselves can walk through."""
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

    What is no object is told apart as Nova does (``nova.api.openstack.wsgi``): with
    several items it is malformed, with one or none it is nothing that could be found.
    """
    if isinstance(body, dict | list | str) and len(body) != 1:
        raise exception.MalformedRequestBody
    if not isinstance(body, dict):
        raise falcon.HTTPNotFound(description="The resource could not be found.")
    return next(iter(body.items()))

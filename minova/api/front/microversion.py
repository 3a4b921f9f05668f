# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The headers of the microversion, and the differences between versions."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar

import falcon
import microversion_parse

from minova import exception
from minova.api.front.request import Request
from minova.api.front.version_range import MAX_VERSION, MIN_VERSION, text

P = ParamSpec("P")
T = TypeVar("T")

_HEADER = "OpenStack-API-Version"
_LEGACY_HEADER = "X-OpenStack-Nova-API-Version"
_FORMAT = re.compile(r"([1-9]\d{0,8})\.([1-9]\d{0,8}|0)", re.ASCII)


class InvalidVersion(exception.Invalid):
    msg_fmt = (
        "API Version String %s is of invalid format. Must be of format "
        "MajorNum.MinorNum."
    )


def since(
    first: str, until: str | None = None
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Limit a method of a resource to some versions.

    In any other version it answers 404 in Nova's shape, after the authentication.

    Args:
        first: the first version that has the method, such as ``2.26``.
        until: the last version that has it; None for a method that stays.
    """
    low, high = parse(first), MAX_VERSION if until is None else parse(until)

    def limit(method: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(method)
        def respond(*args: P.args, **kwargs: P.kwargs) -> None:
            # Falcon calls on_get(self, req, resp, …).
            req = args[1]
            assert isinstance(req, Request)
            if not low <= req.version <= high:
                raise falcon.HTTPNotFound(
                    description="The resource could not be found."
                )
            method(*args, **kwargs)

        return respond

    return limit


class Versioned(Generic[T]):
    """Something that differs between versions, such as the schema of a body.

    ``Versioned({"2.1": first, "2.26": second}).of(req.version)`` is ``second`` from
    2.26 on.
    """

    def __init__(self, things: Mapping[str, T]) -> None:
        self._things = sorted(
            ((parse(version), thing) for version, thing in things.items()),
            key=lambda pair: pair[0],
            reverse=True,
        )

    def of(self, version: tuple[int, int]) -> T:
        return next(thing for first, thing in self._things if first <= version)


class Microversion:
    """Falcon middleware: reads the requested version, and writes the one in use."""

    def __init__(self, highest: tuple[int, int]) -> None:
        """Accept no version above ``highest``."""
        self._highest = highest

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Read the version, after Falcon found a resource.

        Raises:
            InvalidVersion: malformed; answered without version headers, as in Nova.
            falcon.HTTPNotAcceptable: too low or too high; the headers of the answer
                name the requested version.
        """
        if getattr(resource, "unversioned", False):
            return
        version = _asked(
            req.get_header(_HEADER), req.get_header(_LEGACY_HEADER), self._highest
        )
        req.context.version = version
        if not MIN_VERSION <= version <= self._highest:
            raise falcon.HTTPNotAcceptable(
                description=f"Version {text(version)} is not supported by the API. "
                f"Minimum is {text(MIN_VERSION)} and maximum is {text(self._highest)}."
            )

    def process_response(
        self, req: Request, resp: falcon.Response, resource: object, ok: bool
    ) -> None:
        version = getattr(req.context, "version", None)
        if version is not None:
            resp.set_header(_HEADER, f"compute {text(version)}")
            resp.set_header(_LEGACY_HEADER, text(version))
            resp.append_header("Vary", _HEADER)
            resp.append_header("Vary", _LEGACY_HEADER)


# Clients send the same headers each time.  To read them takes 3 % of a show (measured).
@functools.lru_cache(maxsize=64)
def _asked(
    header: str | None, legacy_header: str | None, latest: tuple[int, int]
) -> tuple[int, int]:
    sent = {_HEADER: header, _LEGACY_HEADER: legacy_header}
    asked = microversion_parse.get_version(
        {name: value for name, value in sent.items() if value is not None},
        *("compute", [_LEGACY_HEADER.lower()]),
    )
    return MIN_VERSION if asked is None else parse(asked, latest)


def parse(asked: str, latest: tuple[int, int] = MAX_VERSION) -> tuple[int, int]:
    """``2.26`` → ``(2, 26)``.

    Raises:
        InvalidVersion: it is neither a version nor ``latest``.
    """
    if asked.strip() == "latest":
        return latest
    match = _FORMAT.fullmatch(asked.strip())
    if match is None:
        raise InvalidVersion(asked)
    return int(match[1]), int(match[2])

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The versions that are spoken, and the headers that negotiate one."""

import re
from typing import Any

import falcon
import microversion_parse

from minova import exception
from minova.api.request import Request

MIN_VERSION = (2, 1)
MAX_VERSION = (2, 1)

_HEADER = "OpenStack-API-Version"
_LEGACY_HEADER = "X-OpenStack-Nova-API-Version"
_FORMAT = re.compile(r"([1-9]\d{0,8})\.([1-9]\d{0,8}|0)", re.ASCII)


def text(version: tuple[int, int]) -> str:
    """``(2, 1)`` → ``2.1``."""
    return f"{version[0]}.{version[1]}"


class InvalidVersion(exception.Invalid):
    def __init__(self, version: str) -> None:
        super().__init__(
            f"API Version String {version} is of invalid format. Must be of format "
            "MajorNum.MinorNum."
        )


class Microversion:
    """Falcon middleware: reads the version asked for, writes the one that answers."""

    def process_resource(
        self, req: Request, resp: falcon.Response, resource: object, params: Any
    ) -> None:
        """Negotiate, once it is clear that there is a resource.

        Raises:
            InvalidVersion: malformed; answered without version headers, as in Nova.
            falcon.HTTPNotAcceptable: outside of what is spoken; the headers name the
                version that was asked for.
        """
        if getattr(resource, "unversioned", False):
            return
        asked = microversion_parse.get_version(
            dict(req.headers), "compute", legacy_headers=[_LEGACY_HEADER.lower()]
        )
        version = _parse(asked)
        req.context.version = version
        if not MIN_VERSION <= version <= MAX_VERSION:
            raise falcon.HTTPNotAcceptable(
                description=f"Version {text(version)} is not supported by the API. "
                f"Minimum is {text(MIN_VERSION)} and maximum is {text(MAX_VERSION)}."
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


def _parse(asked: str | None) -> tuple[int, int]:
    if asked is None:
        return MIN_VERSION
    if asked.strip().lower() == "latest":
        return MAX_VERSION
    match = _FORMAT.fullmatch(asked.strip())
    if match is None:
        raise InvalidVersion(asked)
    return int(match[1]), int(match[2])

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests to a minova, in JSON, with nothing but the standard library."""

import functools
import re
from http import HTTPStatus
from typing import Any, Final

from minova.testing.keystone import Identity, Keystone
from minova.testing.sending import Refused, send

__all__ = ["ADMIN", "USER_AGENT", "Asking", "Refused"]

ADMIN: Final = "admin:admin"
_SPOKEN: Final = (2, 90)
USER_AGENT: Final = "minova-testing"
"""By which the journal knows what no tool sent."""


class Asking:
    """One cloud, asked as one user of one project.

    Attributes:
        url: without a slash at its end.
        keystone: that of the cloud, once a request was refused without its token.
    """

    def __init__(
        self, url: str, token: str = ADMIN, keystone: Keystone | None = None
    ) -> None:
        """Ask nothing yet.

        Args:
            url: of the cloud, without a path, such as ``http://127.0.0.1:8774``.
            token: ``user:project``.
            keystone: where it is known already: there is one, and where.
        """
        self.url = url.rstrip("/")
        self.keystone = keystone
        self._user, _colon, project = token.partition(":")
        self._project = project or self._user
        self._identity = Identity(token, self._user, self._project)
        self._headers = {"X-Auth-Token": token, "User-Agent": USER_AGENT}
        if keystone is not None:
            self._become(keystone.identity(self._user, self._project))

    def being(self, token: str) -> "Asking":
        """The same cloud, asked as another one."""
        return Asking(self.url, token, self.keystone)

    @property
    def identity(self) -> Identity:
        """By what the cloud knows who asks; without Keystone names are ids.

        Raises:
            Refused: the cloud, or its Keystone, does not answer.
        """
        if self.keystone is None:
            # With a Keystone it is refused at first.
            self("GET", "/minova/v1/schemas")
        return self._identity

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request; the JSON that is answered, or None.

        Raises:
            Refused: with the words of the answer.
        """
        try:
            return send(method, self.url + path, self._headers, body)[1]
        except Refused as refused:
            if not self._authenticates(refused):
                raise
        return send(method, self.url + path, self._headers, body)[1]

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """Which version of the Compute API is asked for: 2.90, or the latest there is.

        Raises:
            Refused: nobody answers.
        """
        (latest,) = (
            each["version"]
            for each in self("GET", "/")["versions"]
            if each["id"] == "v2.1"
        )
        major, minor = map(int, latest.split("."))
        return min(_SPOKEN, (major, minor))

    def compute(self, method: str, path: str, body: Any = None) -> Any:
        """The same of the Compute API."""
        major, minor = self.version
        self._headers["OpenStack-API-Version"] = f"compute {major}.{minor}"
        return self(method, f"/v2.1{path}", body)

    def _authenticates(self, refused: Refused) -> bool:
        """Get a token of the Keystone that a refusal names, if it names one."""
        found = re.search(r'Keystone uri="([^"]+)"', refused.challenge)
        if refused.status != HTTPStatus.UNAUTHORIZED or not found:
            return False
        if self.keystone is None:
            self.keystone = Keystone(found[1].rstrip("/"))
        refused_token = self._identity.token
        self._become(
            self.keystone.identity(self._user, self._project, refused=refused_token)
        )
        return True

    def _become(self, identity: Identity) -> None:
        self._identity = identity
        self._headers["X-Auth-Token"] = identity.token

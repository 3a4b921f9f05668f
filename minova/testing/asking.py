# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON requests to a minova cloud, with the standard library alone."""

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
"""Marks minova's own requests: the journal leaves them out."""


class Asking:
    """A client of one cloud, as one user of one project.

    Attributes:
        url: without a slash at the end.
        keystone: unless given, it becomes known when n-api first answers 401.
    """

    def __init__(
        self, url: str, token: str = ADMIN, keystone: Keystone | None = None
    ) -> None:
        """Prepare a client; with ``keystone`` given, get a token from it.

        Args:
            url: without a path, such as ``http://127.0.0.1:8774``.
            token: ``user:project``.
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
        """Return a client of the same cloud for another ``user:project``."""
        return Asking(self.url, token, self.keystone)

    @property
    def identity(self) -> Identity:
        """The token and ids of this user and project; without Keystone ids are names.

        Raises:
            Refused: the cloud or its Keystone does not answer.
        """
        if self.keystone is None:
            # If the cloud has a Keystone, this request finds it.
            self("GET", "/minova/v1/schemas")
        return self._identity

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return the JSON of the answer, or None if it is empty.

        Raises:
            Refused: the answer is an error.
        """
        try:
            return send(method, self.url + path, self._headers, body)[1]
        except Refused as refused:
            if not self._authenticates(refused):
                raise
        return send(method, self.url + path, self._headers, body)[1]

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """The microversion to use: 2.90, or the cloud's latest if that is older.

        Raises:
            Refused: the cloud does not answer.
        """
        (latest,) = (
            each["version"]
            for each in self("GET", "/")["versions"]
            if each["id"] == "v2.1"
        )
        major, minor = map(int, latest.split("."))
        return min(_SPOKEN, (major, minor))

    def compute(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the Compute API; ``path`` comes after ``/v2.1``."""
        major, minor = self.version
        self._headers["OpenStack-API-Version"] = f"compute {major}.{minor}"
        return self(method, f"/v2.1{path}", body)

    def _authenticates(self, refused: Refused) -> bool:
        """Get a token from the Keystone that a 401 names; False if it names none."""
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

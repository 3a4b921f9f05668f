# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests to a minova, in JSON, with nothing but the standard library."""

import functools
import json
import urllib.error
import urllib.request
from typing import Any, Final

ADMIN: Final = "admin:admin"
_SPOKEN: Final = (2, 90)
USER_AGENT: Final = "minova-testing"
"""By which the journal knows what no tool sent."""


class Refused(Exception):
    """An answer that is an error, or none.

    Attributes:
        status: 0 where nobody answered.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asking:
    """One cloud, asked as one user of one project."""

    def __init__(self, url: str, token: str = ADMIN) -> None:
        """Ask nothing yet.

        Args:
            url: of the cloud, without a path, such as ``http://127.0.0.1:8774``.
            token: ``user:project``.
        """
        self.url = url.rstrip("/")
        self._headers = {
            "X-Auth-Token": token,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        # No proxy of the environment's: it would not find this machine's loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request; the JSON that is answered, or None.

        Raises:
            Refused: with the words of the answer.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - whoever tests chose the URL
            self.url + path, data, self._headers, method=method
        )
        try:
            with self._opener.open(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, fault_message(error.read())) from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise Refused(0, f"{self.url} does not answer: {reason}") from None
        return json.loads(text) if text else None

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


def fault_message(text: bytes) -> str:
    """What the body of an error says, a fault of Nova's or not."""
    try:
        (fault,) = json.loads(text).values()
        return str(fault["message"])
    except (ValueError, AttributeError, TypeError, KeyError):
        return text.decode(errors="replace")[:200]

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One cloud, minova or any Nova, accessed as one user."""

import functools
import http
from typing import Any, Final

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from minova.testing.sending import fault_message

_SPOKEN: Final = (2, 96)
"""The latest version of the Compute API that the commands were written for."""


class Refused(Exception):
    """The cloud answered with an error, or did not answer.

    Attributes:
        status: the answer's HTTP status; 0 without an answer.
        request_id: the answer's request id, or an empty string.
    """

    def __init__(self, status: int, message: str, request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class Answer(dict[str, Any]):
    """The JSON of an answer; empty if the answer had no body.

    Attributes:
        request_id: the id for ``minova trace``.
    """

    request_id: str = ""


class Cloud:
    """A Compute API and the user who asks it. Threads may share it.

    Attributes:
        found: the cloud's name or URL, for messages.
    """

    def __init__(self, adapter: Adapter, found: str) -> None:
        self._adapter = adapter
        self.found = found

    def compute(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask the Compute API, in the latest version the cloud knows, 2.96 at most.

        Args:
            path: after ``/v2.1``, such as ``/servers/detail?name=web``.

        Raises:
            Refused: with the answer's message.
        """
        return self._ask(method, path, body, ".".join(map(str, self.version)))

    def own(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask minova's own API.

        Args:
            path: after ``/minova/v1``.

        Raises:
            Refused: with status 404 also if the cloud is not minova.
        """
        return self._ask(method, f"{self.url}/minova/v1{path}", body, None)

    @functools.cached_property
    def url(self) -> str:
        """The cloud's URL without a path, such as ``http://127.0.0.1:8774``.

        Raises:
            Refused: the login failed, or the catalog has no Compute API.
        """
        return self._endpoint().partition("/v2")[0]

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """The API version that ``compute`` uses.

        Raises:
            Refused: the cloud does not answer, or answers with an error.
        """
        described = self._ask("GET", f"{self._endpoint()}/", None, None)
        major, minor = map(int, (described["version"]["version"] or "2.1").split("."))
        return min(_SPOKEN, (major, minor))

    def _endpoint(self) -> str:
        try:
            endpoint = self._adapter.get_endpoint()
        except exceptions.ClientException as error:
            raise Refused(0, f"{self.found}: {error}") from None
        if endpoint is None:
            raise Refused(0, f"{self.found} has no Compute API.")
        return str(endpoint).rstrip("/")

    def _ask(self, method: str, path: str, body: Any, version: str | None) -> Answer:
        try:
            response = self._adapter.request(
                path,
                method,
                json=body,
                microversion=version,
                user_agent="minova",
                raise_exc=False,
            )
            request_id = response.headers.get("x-openstack-request-id", "")
            if response.status_code >= http.HTTPStatus.BAD_REQUEST:
                said = fault_message(response.content)
                raise Refused(response.status_code, said, request_id)
            answer = Answer(response.json() if response.content else {})
        except exceptions.ConnectFailure:
            raise Refused(0, f"{self.found} does not answer.") from None
        except (exceptions.ClientException, ValueError) as error:
            raise Refused(0, f"{self.found}: {error}") from None
        answer.request_id = request_id
        return answer

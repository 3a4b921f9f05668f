# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One cloud, asked as one user: minova's, or any other Nova."""

import functools
import http
from typing import Any, Final

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from minova.testing.sending import fault_message

_SPOKEN: Final = (2, 96)
"""The latest version of the Compute API that the commands were written for."""


class Refused(Exception):
    """An answer that is an error, or none.

    Attributes:
        status: of the answer; 0 where nobody answered.
        request_id: of the answer, or an empty string.
    """

    def __init__(self, status: int, message: str, request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class Answer(dict[str, Any]):
    """The JSON of an answer; empty where nothing was sent.

    Attributes:
        request_id: which ``minova trace`` takes.
    """

    request_id: str = ""


class Cloud:
    """Where its Compute API is, and who asks it. May be shared by threads.

    Attributes:
        found: how it was found, to be told to a user.
    """

    def __init__(self, adapter: Adapter, found: str) -> None:
        self._adapter = adapter
        self.found = found

    def compute(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask the Compute API, in the latest version that both sides know up to 2.96.

        Args:
            path: behind ``/v2.1``, such as ``/servers/detail?name=web``.

        Raises:
            Refused: with the words of the answer.
        """
        return self._ask(method, path, body, ".".join(map(str, self.version)))

    def own(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask minova's own API.

        Args:
            path: behind ``/minova/v1``.

        Raises:
            Refused: so does, with 404, a cloud that is no minova.
        """
        return self._ask(method, f"{self.url}/minova/v1{path}", body, None)

    @functools.cached_property
    def url(self) -> str:
        """Of the cloud, without a path, such as ``http://127.0.0.1:8774``.

        Raises:
            Refused: there is no such user, or no Compute API in the catalog.
        """
        return self._endpoint().partition("/v2")[0]

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """See ``compute``.

        Raises:
            Refused: nobody answers.
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

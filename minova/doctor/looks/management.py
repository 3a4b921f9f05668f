# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ's management API: alarms, bindings, queues."""

from typing import Any, Final
from urllib import parse

import requests

from minova.rpc.inspection import Node

USUAL_PORT: Final = 15672
_TIMEOUT: Final = 2.0  # seconds for each answer


class Unanswered(Exception):
    """The management API refused, or nobody answers.

    Attributes:
        how: how to get access.
    """

    def __init__(self, why: str, how: str) -> None:
        super().__init__(why)
        self.how = how


class Management:
    """One node's API, asked as minova's own user, or as the user in the URL."""

    def __init__(self, node: Node, url: str | None) -> None:
        parts = parse.urlsplit(url or f"http://{node.hostname}:{USUAL_PORT}")
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.vhost = node.vhost
        self._session = requests.Session()
        # Ignore the user's proxy and .netrc: the node is part of the deployment.
        self._session.trust_env = False
        self._user = parse.unquote(parts.username or node.username)
        password = parse.unquote(parts.password or node.password)
        self._session.auth = (self._user, password)

    def nodes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("nodes")
        return found

    def queues(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask(f"queues/{_quoted(self.vhost)}")
        return found

    def exchanges_of(self, queue: str) -> set[str]:
        """Return the names of the exchanges that a queue is bound to."""
        path = f"queues/{_quoted(self.vhost)}/{_quoted(queue)}/bindings"
        return {binding["source"] for binding in self._ask(path)}

    def _ask(self, path: str) -> Any:
        try:
            answer = self._session.get(f"{self.url}/api/{path}", timeout=_TIMEOUT)
        except requests.RequestException:
            raise Unanswered(
                f"no management API answers at {self.url}",
                "rabbitmq-plugins enable rabbitmq_management, or say where it is: "
                "--management-url",
            ) from None
        if answer.status_code in {401, 403}:
            raise Unanswered(
                f"the management API at {self.url} does not let {self._user} ask",
                f"rabbitmqctl set_user_tags {self._user} monitoring",
            )
        if not answer.ok:
            raise Unanswered(f"{self.url} answers {answer.status_code}", "")
        try:
            return answer.json()
        except ValueError:
            raise Unanswered(
                f"{self.url} is no management API", "--management-url"
            ) from None


def _quoted(name: str) -> str:
    return parse.quote(name, safe="")

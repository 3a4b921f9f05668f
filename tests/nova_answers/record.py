# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Ask a running Nova 34 and print its refusals.

``python -m tests.nova_answers.record http://127.0.0.1:PORT/v2.1 > …/answers.jsonl``

Nova comes from PyPI (``nova``, ``openstack-placement``). It needs RabbitMQ, MariaDB,
Placement and an Image API, for which minova's own will do. Its compute driver may be
``fake.MediumFakeDriver``, and its host's name is ``host-1``.

Nova no longer has ``noauth2``. So a filter replaces ``authtoken`` in ``api-paste.ini``.
For the token ``user:project`` it sets what Keystone would: ``X-User-Id``,
``X-Project-Id``, and ``X-Roles``, which is ``admin,member,reader`` for ``admin`` and
``member,reader`` for others.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import requests

from tests.nova_answers.questions import IMAGE, SERVER, Question, questions

KEPT: Final = frozenset({400, 403, 404, 413, 415})
"""Refusals that do not depend on earlier requests, as a 409 may."""

_ENDING: Final = 24


def ask(url: str, server_id: str, question: Question) -> requests.Response:
    """Send a request about one server."""
    body = json.dumps(question.body).replace(SERVER, server_id)
    return requests.request(
        question.method,
        url + question.path.replace(SERVER, server_id),
        data=None if question.body is None else body,
        headers={
            "Content-Type": "application/json",
            "X-Auth-Token": f"{question.user}:{question.user}",
            "OpenStack-API-Version": f"compute {question.version}",
        },
        timeout=60,
    )


def _refusals(url: str, server_id: str) -> Iterator[dict[str, Any]]:
    seen = set()
    for question in questions():
        answer = ask(url, server_id, question)
        text = answer.text.replace(server_id, SERVER)
        # For each place and each of its names, keep one of each kind of message, at the
        # first version that is asked.
        kind = (text.partition("Value:")[0], text[-_ENDING:])
        key = (question.method, question.path, question.user, kind)
        if answer.status_code in KEPT and key not in seen:
            seen.add(key)
            yield {
                "asked": [question.method, question.path, question.version],
                "user": question.user,
                "body": question.body,
                "status": answer.status_code,
                "answer": json.loads(text),
            }


def _new_server(url: str) -> str:
    """Create demo's server, which stays unchanged, and its flavor."""
    flavor = {"name": "m1.nano", "id": "42", "ram": 128, "vcpus": 1, "disk": 1}
    admin = {"X-Auth-Token": "admin:admin"}
    requests.post(f"{url}/flavors", json={"flavor": flavor}, headers=admin, timeout=60)
    demo = {"X-Auth-Token": "demo:demo", "OpenStack-API-Version": "compute 2.37"}
    server = {"name": "s", "imageRef": IMAGE, "flavorRef": "42", "networks": "none"}
    made = requests.post(
        f"{url}/servers", json={"server": server}, headers=demo, timeout=60
    )
    server_id: str = made.json()["server"]["id"]
    while (
        requests.get(f"{url}/servers/{server_id}", headers=demo, timeout=60).json()[
            "server"
        ]["status"]
        != "ACTIVE"
    ):
        time.sleep(1)
    return server_id


def main() -> None:
    """Write the answers, one in each line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of Nova, with /v2.1")
    url = parser.parse_args().url.rstrip("/")
    for refusal in _refusals(url, _new_server(url)):
        sys.stdout.write(json.dumps(refusal, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

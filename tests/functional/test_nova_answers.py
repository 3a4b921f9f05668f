# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests that a running Nova 34 refuses get the same words here."""

import json
import pathlib
from itertools import groupby
from typing import Any

import pytest

from tests import nova_answers
from tests.cluster import Cluster
from tests.nova_answers.questions import SERVER, Question
from tests.nova_answers.record import ask

_FILE = pathlib.Path(nova_answers.__file__).parent / "answers.jsonl"


def _place(recorded: dict[str, Any]) -> str:
    method, path, version = recorded["asked"]
    return f"{method} {path.partition('?')[0]} {version} {recorded['user']}"


RECORDED = {
    place: list(group)
    for place, group in groupby(
        sorted(map(json.loads, _FILE.read_text().splitlines()), key=_place), _place
    )
}


@pytest.fixture(scope="module")
def server_id(cluster: Cluster) -> str:
    return cluster.create_server("asked")


@pytest.mark.parametrize("place", RECORDED)
def test_refusals_are_novas(cluster: Cluster, server_id: str, place: str) -> None:
    """The status and the body are the same, apart from the order of keys."""
    for recorded in RECORDED[place]:
        method, path, version = recorded["asked"]
        question = Question(method, path, version, recorded["user"], recorded["body"])

        answer = ask(f"{cluster.url}/v2.1", server_id, question)

        answered = json.loads(answer.text.replace(server_id, SERVER))
        assert (answer.status_code, answered) == (
            recorded["status"],
            recorded["answer"],
        ), question

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The flow chart of a request."""

import pathlib
import re

from minova.trace import diagram
from tests.unit.trace.reading import PAUSE, RECORDINGS, trace

MINOVA = trace("req-8139e14c", RECORDINGS / "minova")
# Whether it is in the log; sender; receiver; message.
OF_MINOVA = [
    (True, "user", "n-api", 'POST {"pause": null}'),
    (True, "n-api", "n-api", "claim: task_state pausing"),
    (True, "n-api", "RabbitMQ", "pause_instance to compute.host-1"),
    (True, "n-api", "user", "202"),
    (True, "RabbitMQ", "n-cpu", "Pausing"),
    (False, "n-cpu", "libvirt", "pause"),
    (False, "libvirt", "guest", "pause"),
    (True, "libvirt", "n-cpu", "event: Paused"),
    (True, "n-cpu", "libvirt", "power state?"),
    (True, "n-cpu", "n-cpu", "pause: done"),
]


def test_senders_and_receivers() -> None:
    steps = [
        (
            step.at is not None,
            diagram.ACTORS[step.source],
            diagram.ACTORS[step.target],
            step.text,
        )
        for step in diagram.steps(MINOVA)
    ]

    assert steps == OF_MINOVA


def test_a_claim_that_was_given_back(tmp_path: pathlib.Path) -> None:
    text = (RECORDINGS / "minova" / "n-api.log").read_text()
    (line,) = re.findall(r".*8139e14c.*Claimed for pause.*\n", text)
    back = line.replace("Claimed for pause: ", "Gave the claim for pause back ")
    (tmp_path / "n-api.log").write_text(line + back)

    steps = diagram.steps(trace("req-8139e14c", tmp_path))

    assert [step.text for step in steps][-2:] == [
        "claim: task_state pausing",
        "claim given back",
    ]


def test_a_message_that_nova_does_not_log_is_drawn() -> None:
    steps = diagram.steps(trace(PAUSE, RECORDINGS / "nova-34"))

    assert diagram.Step(None, diagram.API, diagram.QUEUE, "cast pause") in steps


def test_a_stop_is_the_call_of_libvirt() -> None:
    """n-cpu first asks for the state, and ends with a line about a lock."""
    timeline = trace("req-704940ae", RECORDINGS / "nova-34")

    drawn = [(step.source, step.target, step.text) for step in diagram.steps(timeline)]

    asked = (diagram.COMPUTE, diagram.LIBVIRT, "power state?")
    told = (diagram.COMPUTE, diagram.LIBVIRT, "stop")
    text = "Instance destroyed successfully."
    assert drawn[-1] == (diagram.COMPUTE, diagram.COMPUTE, "stop: done")
    ends = (diagram.LIBVIRT, diagram.COMPUTE, text)
    assert drawn.index((diagram.QUEUE, diagram.COMPUTE, "stop")) < drawn.index(asked)
    assert drawn.index(asked) < drawn.index(told) < drawn.index(ends)


def test_as_characters() -> None:
    lines = diagram.in_characters(MINOVA)

    assert max(map(len, lines)) <= 88
    assert lines[0].split() == [
        *("user", "n-api", "RabbitMQ", "n-cpu", "host-1", "libvirt", "guest")
    ]
    arrows = [line for line in lines if re.search("[▶◀]", line)]
    notes = [line for line in lines if "●" in line]
    assert len(arrows) - 1 + len(notes) == len(OF_MINOVA)
    for _, _, _, text in OF_MINOVA:
        assert any(text in line for line in lines)


def test_as_mermaid() -> None:
    lines = diagram.in_mermaid(MINOVA)

    assert lines[0] == "sequenceDiagram"
    assert lines[1] == "    actor user as user"
    assert '    user->>n_api: +0.000 s POST {"pause": null}' in lines
    assert "    n_cpu-->>libvirt: pause" in lines
    assert lines[-1].startswith("    Note over n_cpu: +0.0")
    # These characters end a statement, or begin an entity.
    assert not [line for line in lines if re.search("[;#]", line)]

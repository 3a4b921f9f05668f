# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova watch`` and ``minova pause`` with real daemons and a real guest."""

import json
import subprocess
import uuid
from typing import Any

import pytest

from tests import boot_sector
from tests.cluster import Cluster
from tests.unit.cmd.local_cloud import COMMAND

TOKEN = "demo:demo"


def run(cluster: Cluster, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments, "--url", cluster.url],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"OS_TOKEN": TOKEN},
    )


def results(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.qemu
def test_the_counter_of_a_guest(qemu_cluster: Cluster) -> None:
    """The counter stops with the guest, and a paused guest is not asked."""
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    image = str(uuid.uuid4())
    boot_sector.put_image(
        cluster.folder / "images", image, boot_sector.disk("tick 128")
    )
    server_id = cluster.create_server(imageRef=image)
    with subprocess.Popen(
        [*COMMAND, "watch", server_id, "--url", cluster.url],
        stdout=subprocess.PIPE,
        text=True,
        env={"OS_TOKEN": TOKEN},
    ) as watching:
        assert watching.stdout is not None
        lines = map(json.loads, watching.stdout)
        counted = next(line for line in lines if line["counter"] is not None)
        paused = run(cluster, "pause", server_id, "--wait")
        seen = [next(lines)]
        while seen[-1]["vm_state"] != "paused" or not seen[-1]["actions"][0]["result"]:
            seen.append(next(lines))
        watching.terminate()

    assert counted["counter"] == 128
    assert paused.returncode == 0, paused.stderr
    assert "pausing" in [line["task_state"] for line in seen]
    assert seen[-1]["counter"] == 128
    assert seen[-1]["power_state"] == 3


def test_a_host_that_is_away(own_cluster: Cluster) -> None:
    """The request is accepted but not done, and --wait says so after its time."""
    own_cluster.start_host()
    own_cluster.start_api()
    server_id = own_cluster.create_server()
    own_cluster.stop_host()

    late = run(own_cluster, "pause", server_id, "--wait", "--timeout", "1", "--json")

    assert late.returncode == 1
    (result,) = results(late)
    assert (result["outcome"], result["message"]) == ("late", "not done after 1 s")
    once = run(own_cluster, "watch", server_id, "--once")
    (line,) = map(json.loads, once.stdout.splitlines())
    assert (line["vm_state"], line["task_state"]) == ("active", "pausing")
    (pause, _create) = line["actions"]
    assert (pause["request_id"], pause["result"]) == (result["request_id"], None)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP and SIGTERM to gunicorn.

Under load they never separate a claim from its cast, and at the start they are heard.
"""

import os
import pathlib
import signal
import subprocess
import threading
import time

import requests

from tests import processes
from tests.cluster import BIN, GUNICORN_CONF, ROOT, Cluster
from tests.real_servers import free_port, wait_until

SERVERS = 6
STARTING = 2
"""Seconds that the slow workers below take before they have their own handlers."""
SLOW_WORKERS = f"""
import pathlib, time
exec(pathlib.Path({str(GUNICORN_CONF)!r}).read_text())
begin = post_fork

def post_fork(server, worker):
    (pathlib.Path(__file__).parent / str(worker.pid)).touch()
    time.sleep({STARTING})
    begin(server, worker)
"""


def load(
    cluster: Cluster, server_id: str, stop: threading.Event, answered: set[str]
) -> None:
    """Pause and unpause until told to stop. Remember the id of each answer."""
    with requests.Session() as session:
        while not stop.is_set():
            for action in ("pause", "unpause"):
                try:
                    answer = session.post(
                        f"{cluster.url}/v2.1/servers/{server_id}/action",
                        json={action: None},
                        headers={"X-Auth-Token": "demo:demo"},
                        timeout=30,
                    )
                except requests.ConnectionError:
                    continue
                assert answer.status_code in {202, 409, 503}, answer.text
                answered.add(answer.headers["x-openstack-request-id"])
                time.sleep(0.02)


def test_every_claim_was_answered(own_cluster: Cluster) -> None:
    """Three SIGHUPs, the first with new options, and a SIGTERM during the load."""
    cluster = own_cluster
    cluster.start_host()
    cluster.start_api()
    servers = [cluster.create_server(f"s{number}") for number in range(SERVERS)]
    gunicorn = cluster._api
    assert gunicorn is not None
    config = cluster.folder / "etc/api/minova.conf"
    stop, answered = threading.Event(), set[str]()
    threads = [
        threading.Thread(target=load, args=(cluster, server, stop, answered))
        for server in servers
    ]
    for thread in threads:
        thread.start()

    config.write_text(config.read_text().replace("debug = true", "debug = false"))
    for _ in range(3):
        time.sleep(1)
        gunicorn.send_signal(signal.SIGHUP)
    time.sleep(3)
    quiet_from = len(cluster.api_log())
    time.sleep(1)
    quiet = cluster.api_log()[quiet_from:]
    gunicorn.terminate()
    assert gunicorn.wait(40) == 0
    stop.set()
    for thread in threads:
        thread.join()
    cluster.start_api()

    assert "POST /v2.1/servers/" in quiet
    assert " DEBUG " not in quiet
    for server in servers:
        wait_until(
            lambda server=server: not cluster.show(server)["OS-EXT-STS:task_state"],  # type: ignore[misc]
            20,
            "nothing is left to do",
        )
        path = f"/servers/{server}/os-instance-actions"
        records = cluster.ask("GET", path, token="admin").json()["instanceActions"]
        claimed = {each["request_id"] for each in records if each["action"] != "create"}
        assert len(claimed) > 10
        assert claimed <= answered


def test_a_worker_that_is_starting_hears_sigterm(own_cluster: Cluster) -> None:
    """Each worker is told once, and gunicorn waits for it up to 30 s."""
    folder = own_cluster.folder / "slow"
    folder.mkdir()
    conf = folder / "gunicorn.conf.py"
    conf.write_text(SLOW_WORKERS)
    own_config = own_cluster.write_config("api")
    gunicorn = subprocess.Popen(
        [BIN / "gunicorn", "--config", conf, own_cluster.wsgi],
        cwd=ROOT,
        env=os.environ
        | {
            "OS_MINOVA_CONFIG_DIR": str(own_config.parent),
            "MINOVA_API_BIND": f"127.0.0.1:{free_port()}",
        },
    )
    try:
        wait_until(lambda: len(_numbers(folder)) == 2, 30, "both workers have begun")
        gunicorn.terminate()
        assert gunicorn.wait(STARTING + 10) == 0
    finally:
        processes.kill(gunicorn)


def _numbers(folder: pathlib.Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name.isdigit()]

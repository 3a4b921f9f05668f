# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How long ``minova trace`` takes in much log, and how much memory.

    python benchmarks/trace.py [--megabytes 100] [--gzip] [--folder FOLDER]

The log is of minova's lines: pauses and unpauses of 100 servers on two hosts, one after
the other, without a gap.  The request asked for is in the middle.  Each figure is of a
process of its own; memory is the most that it had at a time.
"""

import argparse
import datetime
import gzip
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import uuid

API = """\
{t} DEBUG minova.api.openstack.wsgi [None {r} demo demo] Action: 'action', calling method: <bound method ServerActionResource.on_post of <minova.api.servers.actions.resource.ServerActionResource object at 0x7fd0054cab50>>, body: {{"pause": null}} {{{{(pid=404) on_post /opt/stack/minova/api/front/loggers.py:25}}}}
{t} DEBUG minova.compute.api [None {r} demo demo] [instance: {s}] Fetching instance by UUID {{{{(pid=404) _get /opt/stack/minova/compute_api/queries.py:71}}}}
{t} DEBUG minova.compute.api [None {r} demo demo] [instance: {s}] Claimed for pause: vm_state active, task_state None -> pausing {{{{(pid=404) _claim /opt/stack/minova/compute_api/api.py:227}}}}
{t} DEBUG minova.rpc [None {r} demo demo] CAST pause_instance exchange 'minova' routing key 'compute.{h}' message id {m} {{{{(pid=404) cast /opt/stack/minova/rpc/client.py:140}}}}
{t} INFO minova.api.openstack.requestlog [None {r} demo demo] 127.0.0.1 "POST /v2.1/servers/{s}/action" status: 202 len: 0 microversion: 2.1 time: 0.007279
"""
CPU = """\
{t} INFO minova.compute.manager [None {r} demo demo] [instance: {s}] Pausing
{t} DEBUG minova.virt.driver [None {e} None None] Emitting event <LifecycleEvent: 1795390776.7383265, {s} => Paused> {{{{(pid=401) emit_event /opt/stack/minova/virt/driver.py:83}}}}
{t} INFO minova.compute.manager [None {e} None None] [instance: {s}] VM Paused (Lifecycle Event)
{t} DEBUG minova.compute.manager [None {r} demo demo] [instance: {s}] Checking state {{{{(pid=401) get_power_state /opt/stack/minova/compute/manager.py:265}}}}
{t} DEBUG minova.compute.manager [None {e} None None] [instance: {s}] Synchronizing instance power state after lifecycle event "Paused"; current vm_state: active, current task_state: pausing, current DB power_state: 1, VM power_state: 3 {{{{(pid=401) _follow_event /opt/stack/minova/compute/power_sync.py:99}}}}
{t} INFO minova.compute.manager [None {e} None None] [instance: {s}] During sync_power_state the instance has a pending task (pausing). Skip.
"""  # noqa: E501
LINES = 11


def write_logs(folder: pathlib.Path, size: int, *, compress: bool = False) -> str:
    """Logs of n-api and two hosts, of about ``size`` bytes; a request id in them."""
    draw = random.Random(16)
    hosts = ("host-1", "host-2")
    opener, end = (gzip.open, ".gz") if compress else (open, "")

    def new_id() -> str:
        return str(uuid.UUID(int=draw.getrandbits(128)))

    servers = [new_id() for _number in range(100)]
    events = {host: f"req-{new_id()}" for host in hosts}
    now = datetime.datetime(2026, 11, 28, 12)
    ids: list[str] = []
    written = 0
    with (
        opener(folder / f"n-api.log{end}", "wt") as api,
        opener(folder / f"n-cpu-{hosts[0]}.log{end}", "wt") as first,
        opener(folder / f"n-cpu-{hosts[1]}.log{end}", "wt") as second,
    ):
        while written < size:
            server = draw.randrange(len(servers))
            host = hosts[server % 2]
            now += datetime.timedelta(milliseconds=draw.randrange(20, 60))
            ids.append(f"req-{new_id()}")
            facts = {
                "t": now.isoformat(" ", "milliseconds"),
                "r": ids[-1],
                "s": servers[server],
                "h": host,
                "e": events[host],
                "m": f"{draw.getrandbits(128):032x}",
            }
            written += api.write(API.format(**facts))
            written += (second if server % 2 else first).write(CPU.format(**facts))
    return ids[len(ids) // 2]


def measure(folder: pathlib.Path, *asked: str) -> tuple[float, float, int]:
    """Seconds, MiB and lines of one ``minova trace`` in a process of its own."""
    code = (
        "import resource, sys\n"
        "from minova.cmd.cli.main import main\n"
        "try:\n    main(prog_name='minova')\n"
        "finally:\n"
        "    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    print(most, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, "trace", *asked, "--logs", str(folder)]
    begun = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.monotonic() - begun
    lines = sum(line.lstrip().startswith("+") for line in done.stdout.splitlines())
    return seconds, int(done.stderr.split()[-1]) / 1024, lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--folder", type=pathlib.Path, help="where to write the logs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or pathlib.Path(temporary)
        size = arguments.megabytes * 1_000_000
        request_id = write_logs(folder, size, compress=arguments.gzip)
        for asked in (request_id, "--last"):
            seconds, most, lines = measure(folder, asked)
            print(f"{asked}: {lines} lines in {seconds:.2f} s, {most:.0f} MiB")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How long a pause takes: accepted, done, and what libvirt alone would need.

Against a running stack (``devstack/stack.sh``), on the machine it runs on, after
``make venv EXTRAS=dev,libvirt``::

    .venv/bin/python benchmarks/pause.py --rounds 200

It makes a server of its own, pauses and unpauses it, and deletes it.  The result is
printed as a table, and written as JSON with ``--json FILE``.
"""

import argparse
import http.client
import json
import pathlib
import statistics
import time
from typing import Any

import libvirt

HEADERS = {"X-Auth-Token": "bench:bench", "Content-Type": "application/json"}


class Client:
    """One kept-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/v2.1{path}", data, HEADERS)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def wait_for(self, server_id: str, status: str) -> float:
        """Ask back to back until a status is seen; when that was."""
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline:
            _code, body = self.ask("GET", f"/servers/{server_id}")
            server = body["server"]
            if server["status"] == status and not server["OS-EXT-STS:task_state"]:
                return time.perf_counter()
        raise TimeoutError(f"{server_id} is not {status} after 60 s")


def measure(client: Client, uri: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round: accept, end to end, bare suspend."""
    _code, images = client.ask("GET", "/images")
    image_id = images["images"][0]["id"]
    server = {"name": "benchmark", "imageRef": image_id, "flavorRef": "42"}
    code, created = client.ask("POST", "/servers", {"server": server})
    if code != 202:
        raise SystemExit(f"cannot create a server: {created}")
    server_id = created["server"]["id"]
    client.wait_for(server_id, "ACTIVE")
    domain = libvirt.open(uri).lookupByUUIDString(server_id)
    taken: dict[str, list[float]] = {"accept": [], "end to end": [], "bare suspend": []}
    try:
        for _ in range(rounds):
            began = time.perf_counter()
            code, _body = client.ask(
                "POST", f"/servers/{server_id}/action", {"pause": None}
            )
            accepted = time.perf_counter()
            if code != 202:
                raise SystemExit(f"a pause was answered with {code}")
            paused = client.wait_for(server_id, "PAUSED")
            taken["accept"].append((accepted - began) * 1000)
            taken["end to end"].append((paused - began) * 1000)
            client.ask("POST", f"/servers/{server_id}/action", {"unpause": None})
            client.wait_for(server_id, "ACTIVE")
            began = time.perf_counter()
            domain.suspend()
            taken["bare suspend"].append((time.perf_counter() - began) * 1000)
            domain.resume()
            # The daemon follows these two by their events; let it be done with them.
            time.sleep(0.02)
    finally:
        client.ask("DELETE", f"/servers/{server_id}")
    return taken


def memory() -> dict[str, float]:
    """MiB (PSS) of all processes of n-api and n-cpu on this machine."""
    shares = {"n-api": 0.0, "n-cpu": 0.0}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # Both write their names over their command lines.
            title = (process / "cmdline").read_text().replace("\0", " ")
            if title.startswith("gunicorn: ") and "[n-api]" in title:
                shares["n-api"] += _pss(process)
            elif title.startswith("minova-compute: "):
                shares["n-cpu"] += _pss(process)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return shares | {"together": sum(shares.values())}


def _pss(process: pathlib.Path) -> float:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return (
        int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8774)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--libvirt", default="qemu:///system", metavar="URI")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    client = Client(options.host, options.port)
    taken = measure(client, options.libvirt, options.rounds)
    bare = statistics.median(taken["bare suspend"])
    rows = {
        name: {
            "p50 ms": statistics.median(values),
            "p99 ms": statistics.quantiles(values, n=100)[98],
            "p50 / bare suspend": statistics.median(values) / bare,
        }
        for name, values in taken.items()
    }
    shares = memory()
    print("| | p50 | p99 | p50 in bare suspends |\n|---|---|---|---|")
    for name, row in rows.items():
        p50, p99, ratio = row.values()
        print(f"| {name} | {p50:.2f} ms | {p99:.2f} ms | {ratio:.1f} |")
    print("\n| memory (PSS) | MiB |\n|---|---|")
    for name, share in shares.items():
        print(f"| {name} | {share:.0f} |")
    if options.json is not None:
        document = {"rounds": options.rounds, "pause": rows, "pss MiB": shares}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()

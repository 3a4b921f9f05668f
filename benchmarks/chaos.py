# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests that a 202 is a promise: a steady load, and a fault every few seconds.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once, after
``make venv EXTRAS=dev,libvirt,mysqlclient``::

    .venv/bin/python benchmarks/chaos.py --minutes 30

It starts a RabbitMQ, a MariaDB (or SQLite), a libvirtd with small QEMU guests, n-api
and n-cpu, with default options. It touches nothing else. ``--seed`` determines load and
faults. Afterwards it looks up every accepted request in the server's events. It
compares the rows with virDomainGetState, and with what each QEMU reported on a separate
monitor. The exit status is 1 if the promise was broken.
"""

import argparse
import dataclasses
import json
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from tests.chaos import account, faults, sites
from tests.chaos.load import Load


def run(
    *,
    database: str,
    servers: int,
    seconds: float,
    seed: int,
    rate: float,
    every: float,
    enough: int | None = None,
    logs: pathlib.Path | None = None,
) -> account.Account:
    """Put a site under load, cause faults, and return the account.

    Args:
        rate: requests a second.
        every: maximum seconds between the return of a service and the next fault.
        enough: end earlier, after this many accepted requests.
        logs: a folder for the daemons' logs.
    """
    with sites.site(database, servers) as site:
        load = Load(site, seed, rate, threads=16)
        trouble = faults.Trouble(site, seed, database, every)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and trouble.error is None:
            if enough is not None and load.accepted() >= enough:
                break
            time.sleep(0.2)
        try:
            outages = trouble.stop()
            return account.draw_up(site, load.stop(), outages)
        finally:
            if logs is not None:
                shutil.copytree(site.cluster.logs, logs, dirs_exist_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--database", choices=("mysql", "sqlite"), default="mysql")
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--accepted", type=int, metavar="N", help="stop after N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20, help="requests a second")
    parser.add_argument("--every", type=float, default=6, help="seconds to a fault")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--logs", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    began = time.monotonic()
    result = run(
        database=options.database,
        servers=options.servers,
        seconds=options.minutes * 60,
        seed=options.seed,
        rate=options.rate,
        every=options.every,
        enough=options.accepted,
        logs=options.logs,
    )
    figures = dataclasses.asdict(result)
    print("| | |\n|---|---|")
    for name, value in figures.items():
        shown = f"{value:.1f} s" if isinstance(value, float) else value
        print(f"| {name} | {shown} |")
    print(f"| took | {time.monotonic() - began:.0f} s |")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    sys.exit(0 if result.is_kept() else 1)


if __name__ == "__main__":
    main()

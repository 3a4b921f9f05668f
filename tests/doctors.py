# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova doctor`` for tests, in this process or as the command."""

import json
import subprocess
import sys
from typing import Any

from minova.client import finding
from minova.doctor.examination import Examination
from minova.doctor.kinds import Severity
from tests.cluster import ROOT, Cluster
from tests.real_servers import wait_until


class Doctor:
    """The doctor of one cluster.

    Attributes:
        management_url: the management API of the cluster's broker.
    """

    def __init__(self, cluster: Cluster, management_url: str = "") -> None:
        self._cluster = cluster
        self.management_url = management_url or "http://127.0.0.1:1"
        self.file = cluster.folder / "etc/host-1/minova.conf"

    def examine(self) -> Examination:
        cloud = finding.find(self._cluster.url, None)
        examination = Examination(cloud, self.file, self.management_url)
        examination.run()
        return examination

    def finds(self) -> list[str]:
        """Return the kinds of problems, causes first."""
        found = self.examine().report.findings
        return [f.kind.name for f in found if f.kind.severity is not Severity.NOTE]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a user who names one of many clouds on this machine."""
        return subprocess.run(
            [
                *(sys.executable, "-m", "minova", "doctor", "--url", self._cluster.url),
                *("--config-file", str(self.file)),
                *("--management-url", self.management_url, *arguments),
            ],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def told(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Return the exit status and the JSON."""
        done = self.run("--json", *arguments)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def wait_until_well(self) -> None:
        wait_until(lambda: self.finds() == [], 30, "the doctor finds nothing")

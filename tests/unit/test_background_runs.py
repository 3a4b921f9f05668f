# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A whole run in the background of a script, as ``./devstack/run_tests.sh &``."""

import subprocess
import sys


def test_commands_that_tests_start_do_not_ignore_sigint() -> None:
    started_by_tests = (
        "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    )
    run = (
        "import subprocess, sys, tests.conftest;"
        f"subprocess.run([sys.executable, '-c', {started_by_tests!r}], check=True)"
    )
    background = 'trap "" INT; exec "$0" -c "$1"'

    told = subprocess.run(
        ["sh", "-c", background, sys.executable, run],
        check=True,
        capture_output=True,
        text=True,
    )

    assert told.stdout == "False\n"

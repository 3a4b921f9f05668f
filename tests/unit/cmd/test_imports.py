# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a daemon needs only sometimes is imported when it is needed, to save memory."""

import subprocess
import sys

import pytest

_SCRIPT = """
import importlib, sys
import minova.native_threads
for module in sys.argv[1:]:
    importlib.import_module(module)
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("modules", "rarely_needed"),
    [
        (["minova.wsgi.n_api"], ["cryptography", "pycdlib", "regex"]),
        (
            ["minova.cmd.compute", "minova.virt.config_drive"],
            [
                *("cryptography", "keystoneauth1", "pycdlib", "regex"),
                *("requests", "webob"),
            ],
        ),
    ],
    ids=["n-api", "n-cpu"],
)
def test_a_daemon_starts_without(modules: list[str], rarely_needed: list[str]) -> None:
    imported = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPT, *modules],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert modules[0] in imported
    assert [name for name in rarely_needed if name in imported] == []

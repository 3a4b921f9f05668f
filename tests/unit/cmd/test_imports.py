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


_ORM = "sqlalchemy.orm"


@pytest.mark.parametrize(
    ("modules", "not_needed"),
    [
        (["minova.wsgi.n_api"], [_ORM, "cryptography", "pycdlib", "regex"]),
        (
            ["minova.connections", "minova.cmd.n_cpu", "minova.virt.config_drive"],
            [
                *(_ORM, "cryptography", "keystoneauth1", "pycdlib", "regex"),
                *("requests", "webob"),
            ],
        ),
        (["minova.cmd.compute"], ["minova.cmd.n_cpu", "oslo_messaging", "sqlalchemy"]),
    ],
    ids=["n-api", "n-cpu's worker", "n-cpu's parent"],
)
def test_a_daemon_starts_without(modules: list[str], not_needed: list[str]) -> None:
    imported = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPT, *modules],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert modules[0] in imported
    assert [name for name in not_needed if name in imported] == []

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Only an entry point may change or end its process. An import may not."""

import os
import pathlib
import subprocess
import sys

import pytest

import minova

_PACKAGE = pathlib.Path(minova.__file__).parent

_IMPORTS_ALL = """
import importlib, pkgutil, sys
from oslo_service import backend
backend.init_backend(backend.BackendType(sys.argv[1]))
import eventlet

import minova
for module in pkgutil.walk_packages(minova.__path__, "minova."):
    if module.name in sys.argv[2:]:
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        if error.name != "libvirt":
            raise
assert "minova.rpc.server" in sys.modules and "minova.wsgi.n_api" in sys.modules
assert sys.modules["eventlet"] is eventlet
assert backend.get_backend_type() is backend.BackendType(sys.argv[1])
"""
_ENTRY_POINTS = (
    *("minova.wsgi.api", "minova.cmd.compute", "minova.cmd.up", "minova.cmd.keystone"),
    "minova.native_threads",
)


def _run(script: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("chosen", ["eventlet", "threading"])
def test_choices_of_another_program_stay(chosen: str) -> None:
    _run(_IMPORTS_ALL, chosen, *_ENTRY_POINTS)


def test_importing_the_package_imports_nothing_else() -> None:
    script = (
        "import sys; before = set(sys.modules); import minova; "
        "print(*set(sys.modules) - before)"
    )

    assert _run(script) == "minova\n"


@pytest.mark.parametrize(
    "entry_point",
    ["minova.wsgi.api", "minova.cmd.compute", "minova.cmd.manage", "minova.cmd.up"],
)
def test_a_daemon_works_without_eventlet(
    entry_point: str, tmp_path: pathlib.Path
) -> None:
    connection = f"sqlite:///{tmp_path}/minova.sqlite"
    (tmp_path / "minova.conf").write_text(f"[database]\nconnection = {connection}\n")
    script = f"import sys, {entry_point}; print(sys.modules.get('eventlet'))"

    assert _run(script, OS_MINOVA_CONFIG_DIR=str(tmp_path)) == "None\n"


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("os._exit", {"cmd/compute.py", "cmd/keystone.py"}),
        ("sys.modules", {"native_threads.py"}),
        ("init_backend", {"native_threads.py"}),
        (
            "import native_threads",
            {
                *("cmd/cli/doctor.py", "cmd/compute.py", "cmd/keystone.py"),
                *("cmd/up.py", "wsgi/api.py"),
            },
        ),
        ("cfg.CONF", set()),
    ],
)
def test_only_entry_points_touch_the_process(words: str, files: set[str]) -> None:
    found = {
        str(path.relative_to(_PACKAGE))
        for path in _PACKAGE.rglob("*.py")
        if words in path.read_text()
    }

    assert found == files

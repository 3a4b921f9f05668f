# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The command ``minova``: its output, and which libraries it does not load."""

import json
import os
import pathlib
import subprocess
import sys
from importlib import metadata

import pytest
from click.testing import CliRunner, Result

from minova.cmd.cli.main import main

VERSION = metadata.version("minova")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="minova")


def test_version() -> None:
    done = run("version")

    assert done.exit_code == 0
    assert done.stdout == f"minova {VERSION}\nCompute API 2.1 to 2.104\n"


def test_version_for_programs() -> None:
    assert json.loads(run("version", "--json").stdout) == {
        "version": VERSION,
        "api": {"min_version": "2.1", "max_version": "2.104"},
    }


def test_version_by_other_spellings() -> None:
    assert run("--version").stdout == f"minova {VERSION}\n"


def test_help_names_every_subcommand() -> None:
    shown = run("--help")

    assert shown.exit_code == 0
    for name in main.commands:
        assert f"\n  {name} " in shown.stdout
    assert run().output == shown.stdout


@pytest.mark.parametrize("name", main.commands)
def test_each_subcommand_has_help(name: str) -> None:
    shown = run(name, "--help")

    assert shown.exit_code == 0
    said = str(main.commands[name].help).partition("\n")[0]
    assert said in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "Error: No such command 'nonsense'."),
        (["--nonsense"], "Error: No such option '--nonsense'."),
        (["version", "nonsense"], "Error: Got unexpected extra argument (nonsense)"),
    ],
)
def test_unknown_arguments(arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()


START = """
import importlib, pkgutil, sys
from minova.cmd import cli

for module in pkgutil.walk_packages(cli.__path__, f"{cli.__name__}."):
    importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_it_does_not_load_what_only_services_need() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", START], check=True, capture_output=True, text=True
    ).stdout.split()

    assert "click" in loaded
    heavy = {"alembic", "falcon", "kombu", "libvirt", "requests", "sqlalchemy", "webob"}
    assert [name for name in loaded if name in heavy or name.startswith("oslo_")] == []


SCRIPT = """#!{python}
from minova.cmd.cli.main import main
main(prog_name="minova")
"""
COMPLETION = """
eval "$(_MINOVA_COMPLETE=bash_source minova)"
COMP_WORDS=(minova ver) COMP_CWORD=1
_minova_completion minova
echo "${COMPREPLY[@]}"
"""


def test_bash_completes(tmp_path: pathlib.Path) -> None:
    """By the line of docs/operating.md."""
    script = tmp_path / "minova"
    script.write_text(SCRIPT.format(python=sys.executable))
    script.chmod(0o755)

    done = subprocess.run(
        ["bash", "-c", COMPLETION],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )

    assert done.stdout.split() == ["version"], done.stderr


def test_zsh_completes() -> None:
    """By the two calls that minova's Zsh function and ~/.zshrc make."""
    asked = {"_MINOVA_COMPLETE": "zsh_complete", "COMP_WORDS": "minova ver"}
    source = CliRunner().invoke(
        main, [], prog_name="minova", env={"_MINOVA_COMPLETE": "zsh_source"}
    )
    completed = CliRunner().invoke(
        main, [], prog_name="minova", env=asked | {"COMP_CWORD": "1"}
    )

    assert source.stdout.startswith("#compdef minova")
    assert completed.stdout.startswith("plain\nversion\n")

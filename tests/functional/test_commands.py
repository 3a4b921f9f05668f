# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The console scripts, and their one-line messages about a user's mistakes."""

import pathlib
import subprocess
import sys

import pytest

import minova

BIN = pathlib.Path(sys.executable).parent


def run(*arguments: str | pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / str(arguments[0]), *arguments[1:]],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("script", ["minova", "minova-compute", "minova-manage"])
def test_they_print_their_version(script: str) -> None:
    done = run(script, "--version")

    assert done.returncode == 0
    assert done.stdout.strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("[DEFAULT]\nreport_interval = often\n", "report_interval"),
        ("[libvirt]\nvirt_type = magic\n", "virt_type"),
        ("this is no configuration\n", "Failed to parse"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: pathlib.Path, options: str, said: str
) -> None:
    file = tmp_path / "minova.conf"
    file.write_text(options)

    done = run("minova-compute", "--config-file", file)

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_database_is_reported(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "minova.conf"
    file.write_text("[database]\nconnection = mysql+pymysql://a:b@127.0.0.1:1/x\n")

    done = run("minova-manage", "--config-file", file, "db", "sync")

    assert done.returncode == 1
    assert "The database could not be reached" in done.stderr
    assert "Traceback" not in done.stderr


MIGRATIONS = pathlib.Path(minova.__file__).parent / "db/migrations/versions"


def test_a_migration_can_be_run_again(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "minova.conf"
    file.write_text(f"[database]\nconnection = sqlite:///{tmp_path}/minova.sqlite\n")

    first = run("minova-manage", "--config-file", file, "db", "sync")
    second = run("minova-manage", "--config-file", file, "db", "sync")

    newest = max(MIGRATIONS.glob("0*.py")).name[:4]
    assert f"empty -> {newest}" in first.stdout
    assert f"{newest} -> {newest}" in second.stdout

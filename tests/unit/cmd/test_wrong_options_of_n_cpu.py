# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu ends with one line if its worker cannot use an option or the installation."""

import pathlib
import subprocess
import sys

import pytest

_MAIN = "from minova.cmd.compute import main; main()"
_WITHOUT_LIBVIRT = f"import sys; sys.modules['libvirt'] = None; {_MAIN}"


@pytest.mark.parametrize(
    ("script", "url", "database", "said"),
    [
        (_MAIN, "nonsense://x", "x.sqlite", "[DEFAULT] transport_url cannot be used"),
        (_MAIN, "fake://", "minova.conf/x.sqlite", "FileExistsError"),
        (_WITHOUT_LIBVIRT, "fake://", "x.sqlite", "import of libvirt halted"),
    ],
    ids=["option", "folder", "installation"],
)
def test_n_cpu_ends(
    tmp_path: pathlib.Path, script: str, url: str, database: str, said: str
) -> None:
    (tmp_path / "minova.conf").write_text(
        f"[DEFAULT]\ntransport_url = {url}\nstate_path = {tmp_path}\n"
        f"log_dir = {tmp_path}\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/{database}\n"
    )

    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-c", script),
            *("--config-file", str(tmp_path / "minova.conf")),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("minova-compute: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "n-cpu exits: " in (tmp_path / "n-cpu.log").read_text()

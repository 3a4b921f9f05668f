# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What users send is in the log, and is no line of it: in a process of its own."""

import pathlib
import re
import subprocess
import sys

import pytest

_SAYS = """
import sys
from oslo_log import log
from minova.cmd import start
from minova.context import RequestContext

folder, evil = sys.argv[1:]
file = f"{folder}/minova.conf"
open(file, "w").write(f"[DEFAULT]\\nlog_dir = {folder}\\ndebug = true\\n")
start.read_options(["--config-file", file], "it.log")
evil = evil.encode().decode("unicode_escape")
LOG = log.getLogger("minova.test")
RequestContext(user_name=evil, project_name=evil, overwrite=True)
LOG.info("of %s", evil)
LOG.debug(evil)
LOG.info("of %s", "rabbit://minova:s3cret@127.0.0.1/")
try:
    raise OSError(evil) from OSError("mysql+pymysql://minova:s3cret@127.0.0.1/")
except OSError as error:
    LOG.warning("without a traceback")
    LOG.exception("with one: %s", error)
"""
_FORGED = "2026-11-22 00:00:00.000 CRITICAL minova.forged [-] owned"
# How every line of minova's begins, of a traceback as well.
_BEGINNING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Z]+ minova\.test ")


@pytest.mark.parametrize(
    "end", ["\\n", "\\r\\n", "\\r", "\\x0b", "\\x0c", "\\x1c", "\\x85", "\\u2028"]
)
def test_every_line_is_ours(tmp_path: pathlib.Path, end: str) -> None:
    evil = f"x{end}{_FORGED} \\x1b[2J\\x9b\\x00\\u202e\\ud800"
    done = subprocess.run(
        [sys.executable, "-c", _SAYS, str(tmp_path), evil],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")

    text = (tmp_path / "it.log").read_text()

    lines = text.splitlines()
    assert len(lines) >= 8
    for line in lines:
        assert _BEGINNING.match(line), line
        # Nothing for a terminal, either: that would be a line for its reader.
        assert line.isprintable(), line
    assert sum(_FORGED in line for line in lines) >= 5
    assert "Traceback (most recent call last):" in text
    assert "s3cret" not in text
    assert "rabbit://***@" in text
    assert "mysql+pymysql://***@" in text

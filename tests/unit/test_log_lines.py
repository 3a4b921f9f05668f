# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""User input cannot add lines to the log, and quick lines are those of oslo.log."""

import copy
import logging
import pathlib
import re
import subprocess
import sys
from concurrent import futures
from typing import Any

import pytest
from oslo_config import cfg
from oslo_log import formatters, log

from minova.conf import logs
from minova.conf.log_lines import Quick
from minova.context import RequestContext

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
# The start of every log line of minova, even in a traceback.
_BEGINNING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Z]+ minova\.test ")


@pytest.mark.parametrize(
    "end", ["\\n", "\\r\\n", "\\r", "\\x0b", "\\x0c", "\\x1c", "\\x85", "\\u2028"]
)
def test_every_line_has_minovas_prefix(tmp_path: pathlib.Path, end: str) -> None:
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
        # No terminal sequences either: on a screen they could draw a false line.
        assert line.isprintable(), line
    assert sum(_FORGED in line for line in lines) >= 5
    assert "Traceback (most recent call last):" in text
    assert "s3cret" not in text
    assert "rabbit://***@" in text
    assert "mysql+pymysql://***@" in text


def _options(**overrides: str) -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    logs.set_defaults(conf, "it.log")
    conf([], project="minova")
    for name, value in overrides.items():
        conf.set_override(name, value)
    return conf


def _record(level: int, message: str, *args: Any, **extra: Any) -> logging.LogRecord:
    return logging.getLogger("minova.test").makeRecord(
        "minova.test", level, "x.py", 7, message, args, None, "f", extra or None
    )


@pytest.mark.parametrize(
    "record",
    [
        _record(logging.DEBUG, "of %s", "x"),
        _record(logging.INFO, "of %(a)s", {"a": 1}),
        _record(logging.INFO, "100 %"),
        _record(logging.INFO, "Pausing", instance_uuid="5e7c3b9e"),
        _record(logging.INFO, "Pausing", instance="5e7c3b9e"),
        _record(logging.WARNING, "of %s", "x"),
        _record(logging.INFO, "another's", context=RequestContext(overwrite=False)),
    ],
    ids=lambda record: str(record.msg),
)
@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"logging_debug_format_suffix": ""},
        {"logging_context_format_string": "%(isotime)s %(user_identity)s %(message)s"},
        {"logging_context_format_string": "%(color)s%(threadName)s %(message)s"},
        {"log_date_format": "%H"},
        {"instance_uuid_format": "(%(uuid)s) "},
    ],
    ids=str,
)
@pytest.mark.parametrize("asked", [True, False], ids=["asked", "on its own"])
def test_quick_lines_are_those_of_oslo_log(
    record: logging.LogRecord, overrides: dict[str, str], asked: bool
) -> None:
    conf = _options(**overrides)
    whole = formatters.ContextFormatter(
        project="minova", datefmt=conf.log_date_format, config=conf
    )

    def both() -> list[str]:
        if asked:
            RequestContext(user_name="u", project_name=None, global_request_id="req-g")
        ways = Quick(whole, conf), whole
        return [way.format(copy.copy(record)) for way in ways]

    # A new thread has no current request.
    with futures.ThreadPoolExecutor(1) as thread:
        quick, by_oslo_log = thread.submit(both).result()

    assert quick == by_oslo_log

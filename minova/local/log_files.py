# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api.log and n-cpu.log of one process.  The thread's name decides the file."""

import logging
import pathlib
from typing import Final

from oslo_config import cfg

from minova.conf import logs

N_API: Final = "n-api.log"
N_CPU: Final = "n-cpu.log"

_THREADS: Final = ("waitress", "n-api")
"""Prefixes of the names of n-api's threads; waitress names its own threads."""


def setup(conf: cfg.ConfigOpts, folder: pathlib.Path) -> None:
    """Log into two files, with lines like those of the two daemons."""
    logs.setup(conf)
    root = logging.getLogger()
    n_cpu = root.handlers[0]
    n_cpu.addFilter(lambda record: not _is_of_n_api(record))
    n_api = logging.FileHandler(folder / N_API)
    n_api.setFormatter(n_cpu.formatter)
    n_api.addFilter(_is_of_n_api)
    root.addHandler(n_api)


def _is_of_n_api(record: logging.LogRecord) -> bool:
    return str(record.threadName).startswith(_THREADS)

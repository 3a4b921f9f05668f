# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Change options while a daemon runs."""

from oslo_config import cfg
from oslo_log import log as logging

from minova import conf as options

LOG = logging.getLogger(__name__)


def reread(conf: cfg.ConfigOpts) -> None:
    """Read the files again after a SIGHUP.  Only options marked mutable change.

    If a file cannot be read, the error is logged and nothing changes.
    """
    try:
        _try_to_read(conf.config_file, conf.config_dir)
        conf.mutate_config_files()
    except (cfg.Error, OSError) as error:
        LOG.error("Kept the old options: %s", error)
    else:
        LOG.info("Reloaded the options")


def _try_to_read(files: list[str], folders: list[str]) -> None:
    """Read into a trial object, because oslo.config 10.7 would keep wrong values."""
    trial = options.create("")
    try:
        trial([], default_config_files=files, default_config_dirs=folders)
    except SystemExit as error:
        # From argparse, which gets the values of command-line options.
        raise cfg.Error("stderr says which value is wrong") from error
    options.check(trial)

# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Options that change while a daemon runs."""

from oslo_config import cfg
from oslo_log import log as logging

from minova import conf as options

LOG = logging.getLogger(__name__)


def reread(conf: cfg.ConfigOpts) -> None:
    """Read the files again, after a SIGHUP; only options marked mutable change.

    A file that cannot be read changes nothing: it is said, and all goes on as before.
    """
    try:
        _try_to_read(conf.config_file, conf.config_dir)
        conf.mutate_config_files()
    except (cfg.Error, OSError) as error:
        LOG.error("Kept the old options: %s", error)
    else:
        LOG.info("Reloaded the options")


def _try_to_read(files: list[str], folders: list[str]) -> None:
    """Read into the void: oslo.config 10.7 keeps what it read, though it is wrong."""
    trial = options.create("")
    try:
        trial([], default_config_files=files, default_config_dirs=folders)
    except SystemExit as error:
        # argparse, to which a value of an option of the command line is handed.
        raise cfg.Error("stderr says which value is wrong") from error
    options.check(trial)

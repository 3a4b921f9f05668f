# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How every console script begins."""

import sys
from importlib import metadata

from oslo_config import cfg
from oslo_log import log as logging

from minova import conf as options
from minova.conf import logs

LOG = logging.getLogger(__name__)


def read_options(arguments: list[str], log_file: str) -> cfg.ConfigOpts:
    """Read the options from ``--config-file`` or ``/etc/minova/minova.conf``, and log.

    Raises:
        SystemExit: the command line, or a file, is not to be read; it is said why.
    """
    # The global one: oslo.messaging insists on it (rpc.create_transport).
    conf = cfg.CONF
    options.register_opts(conf)
    logs.set_defaults(conf, log_file)
    try:
        conf(arguments, project="minova", version=metadata.version("minova"))
        options.check(conf)
    except cfg.Error as error:
        sys.exit(f"minova: {error}")
    logs.setup(conf)
    return conf


def reread_options(conf: cfg.ConfigOpts) -> None:
    """Read the files again, after a SIGHUP; only options marked mutable change.

    A file that cannot be read changes nothing: it is said, and all goes on as before.
    """
    try:
        _try_to_read(conf.config_file, conf.config_dir)
        conf.mutate_config_files()
    except (cfg.Error, OSError) as error:
        LOG.error("Options stay as they were: %s", error)
    else:
        LOG.info("Options were read again")


def _try_to_read(files: list[str], folders: list[str]) -> None:
    """Read into the void: oslo.config 10.7 keeps what it read, though it is wrong."""
    trial = cfg.ConfigOpts()
    options.register_opts(trial)
    trial([], default_config_files=files, default_config_dirs=folders)
    options.check(trial)
